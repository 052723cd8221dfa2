import { ForbiddenException, Injectable, UseGuards } from '@nestjs/common';
import { CurrentTask, Handler, OrraService, Task, TaskInput, TaskMetadata } from '@orra-ts/nestjs';
import { Charge, ChargeInput } from './orders.dto';
import { ShopRepository } from './shop.repository';
import { TenantGuard } from './tenant.guard';

const LIMIT_CENTS = 2_000;

@OrraService({ name: 'payments', description: 'Charges the account of the tenant' })
@UseGuards(TenantGuard)
@Injectable()
export class PaymentService {
  constructor(private readonly shop: ShopRepository) {}

  @Handler({ input: ChargeInput, output: Charge, takes: 'parameters' })
  async charge(
    @TaskInput(ChargeInput) { amountCents }: ChargeInput,
    @TaskMetadata('tenant') tenant: string,
    @CurrentTask() task: Task<ChargeInput>,
  ): Promise<Charge> {
    // Status 403 is not retried: the order fails, and its reservation is released.
    if (amountCents > LIMIT_CENTS) throw new ForbiddenException(`${amountCents} is over the limit of ${tenant}`);
    this.shop.charge(task.idempotencyKey, tenant, amountCents);
    return Promise.resolve({ chargeId: task.idempotencyKey });
  }
}
