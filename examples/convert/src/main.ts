/** `node dist/main.js <url>` analyses one image with the converted service. */
import { createImageApp } from './after/app';

async function main(url: string): Promise<void> {
  const app = await createImageApp();
  await app.start();
  const order = await app.orra.action(`Analyse the image ${url}`).with({ url }).submit();
  for await (const { data } of order.updates()) console.log(data);
  const result = await order.result();
  console.log(result.status, result.status === 'completed' ? result.output : '');
  await app.close();
}

const [url = 'https://nodejs.org/static/images/favicons/favicon.png'] = process.argv.slice(2);
void main(url);
