// examples/echo/src/main.ts
import 'reflect-metadata';
import { IsString } from 'class-validator';
import { embeddedEngine } from '@orra-ts/engine';
import { Handler, OrraFactory, OrraService, type Task, definePlan } from '@orra-ts/sdk';

class Message {
  @IsString() text!: string;
}

@OrraService({ name: 'echo-service', description: 'Repeats a message' })
class EchoService {
  @Handler({ input: Message, output: Message })
  async echo(task: Task<Message>): Promise<Message> {
    await task.pushUpdate({ progress: 50, message: 'listening' });
    return { text: `${task.input.text}, ${task.input.text}` };
  }
}

const sayTwice = definePlan('Say it twice', Message, (plan, message) =>
  plan.task(EchoService, 'echo', { text: message.text }),
);

async function main(): Promise<void> {
  const app = await OrraFactory.create({
    services: [EchoService],
    plans: [sayTwice],
    engine: embeddedEngine(),
  });
  await app.start();
  const order = await app.orra.action('Say it twice').with({ text: 'hello' }).submit();
  for await (const update of order.updates()) console.log(update.service, update.data);
  console.log(await order.result());
  await app.close();
}

void main();
