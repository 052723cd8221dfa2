/** The tables of the shop, shared by the HTTP API and the services. */
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import Database from 'libsql';

export interface Reserved {
  readonly id: string;
  readonly sku: string;
  readonly quantity: number;
  readonly released: string | null;
}

@Injectable()
export class ShopRepository implements OnModuleDestroy {
  private readonly db = new Database(process.env['SHOP_DATABASE'] ?? ':memory:');

  constructor() {
    this.db.exec(`
      CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, left INTEGER NOT NULL, cents INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS reservations (id TEXT PRIMARY KEY, sku TEXT, quantity INTEGER, released TEXT);
      CREATE TABLE IF NOT EXISTS charges (id TEXT PRIMARY KEY, tenant TEXT, cents INTEGER);
      INSERT OR IGNORE INTO stock VALUES ('tea', 10, 450), ('cup', 2, 1200);
    `);
  }

  /** The id is the idempotency key of the task, so that a repeated task reserves once. */
  reserve(id: string, sku: string, quantity: number): number | undefined {
    const known = this.reservation(id);
    const product = this.db.prepare('SELECT left, cents FROM stock WHERE sku = ?').get(sku) as
      { left: number; cents: number } | undefined;
    if (!product || (!known && product.left < quantity)) return undefined;
    if (!known) {
      this.db.transaction(() => {
        this.db.prepare('UPDATE stock SET left = left - ? WHERE sku = ?').run(quantity, sku);
        this.db.prepare('INSERT INTO reservations VALUES (?, ?, ?, NULL)').run(id, sku, quantity);
      })();
    }
    return product.cents * quantity;
  }

  release(id: string, reason: string): void {
    const reserved = this.reservation(id);
    if (!reserved || reserved.released !== null) return;
    this.db.transaction(() => {
      this.db.prepare('UPDATE stock SET left = left + ? WHERE sku = ?').run(reserved.quantity, reserved.sku);
      this.db.prepare('UPDATE reservations SET released = ? WHERE id = ?').run(reason, id);
    })();
  }

  charge(id: string, tenant: string, cents: number): void {
    this.db.prepare('INSERT OR IGNORE INTO charges VALUES (?, ?, ?)').run(id, tenant, cents);
  }

  reservations(): readonly Reserved[] {
    return this.db.prepare('SELECT * FROM reservations').all() as Reserved[];
  }

  left(sku: string): number {
    return (this.db.prepare('SELECT left FROM stock WHERE sku = ?').get(sku) as { left: number }).left;
  }

  onModuleDestroy(): void {
    this.db.close();
  }

  private reservation(id: string): Reserved | undefined {
    return this.db.prepare('SELECT * FROM reservations WHERE id = ?').get(id) as Reserved | undefined;
  }
}
