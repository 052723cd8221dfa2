import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Body, Controller, Get, Header, Headers, Param, Post, Sse, UseGuards, type MessageEvent } from '@nestjs/common';
import { from, map, type Observable } from 'rxjs';
import { OrraClient } from '@orra-ts/nestjs';
import { PlaceOrder } from './orders.dto';
import { TenantGuard } from './tenant.guard';

@Controller('orders')
export class OrdersController {
  constructor(private readonly orra: OrraClient) {}

  @Post()
  @UseGuards(TenantGuard)
  async place(@Body() order: PlaceOrder, @Headers('x-tenant') tenant: string): Promise<{ id: string }> {
    const { id } = await this.orra
      .action(`order ${order.quantity} of ${order.sku}`)
      .with({ sku: order.sku, quantity: order.quantity })
      .metadata({ tenant })
      .submit();
    return { id };
  }

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    return readFileSync(path.join(__dirname, '..', 'public', 'index.html'), 'utf8');
  }

  @Get(':id')
  async status(@Param('id') id: string): Promise<{ status: string; error: unknown }> {
    const { status, error } = await this.orra.orchestrations.inspect(id);
    return { status, error };
  }

  /** Progress of the order, for `new EventSource('/orders/<id>/progress')`. */
  @Sse(':id/progress')
  progress(@Param('id') id: string): Observable<MessageEvent> {
    return from(this.orra.orchestrations.events(id)).pipe(map(({ event }) => ({ data: event })));
  }
}
