import { Module } from '@nestjs/common';
import { embeddedEngine } from '@orra-ts/engine';
import { OrraModule } from '@orra-ts/nestjs';
import { InventoryService } from './inventory.service';
import { OrdersController } from './orders.controller';
import { PaymentService } from './payment.service';
import { placeOrder } from './place-order.plan';
import { ShopRepository } from './shop.repository';

/** Everything except the engine, so that tests bring their own. */
@Module({
  imports: [OrraModule.forFeature([placeOrder])],
  controllers: [OrdersController],
  providers: [InventoryService, PaymentService, ShopRepository],
})
export class OrdersModule {}

@Module({
  imports: [
    OrraModule.forRootAsync({
      // Without ORRA_URL, an engine in this process, on a file.
      useFactory: () => ({
        engine: process.env['ORRA_URL'] === undefined ? embeddedEngine({ storage: '.orra-data' }) : undefined,
      }),
    }),
    OrdersModule,
  ],
})
export class AppModule {}
