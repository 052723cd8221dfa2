/** The adapters: one database for the whole application, and sessions that see the rows of one tenant. */
import { inject, injectable, singleton, type Disposable } from 'tsyringe';
import { TENANT, type Payments, type Stock, type Tenant } from './ports';

interface Row {
  readonly tenant: string;
  readonly kind: 'held' | 'charged';
  readonly key: string;
  readonly sku?: string;
  readonly amount: number;
}

@singleton()
export class Database implements Disposable {
  isOpen = true;
  openSessions = 0;
  private rows: Row[] = [];
  private readonly deliveries: Readonly<Record<string, number>> = { 'north/chair': 3, 'south/chair': 1 };

  delivered(tenant: string, sku: string): number {
    return this.deliveries[`${tenant}/${sku}`] ?? 0;
  }

  select(tenant: string): readonly Row[] {
    if (!this.isOpen) throw new Error('the database is closed');
    return this.rows.filter((row) => row.tenant === tenant);
  }

  insert(row: Row): void {
    if (!this.select(row.tenant).some(({ kind, key }) => kind === row.kind && key === row.key)) this.rows.push(row);
  }

  remove(tenant: string, kind: Row['kind'], key: string): void {
    this.rows = this.rows.filter((row) => !(row.tenant === tenant && row.kind === kind && row.key === key));
  }

  dispose(): void {
    this.isOpen = false;
  }
}

/** Opened for one task, and closed with its container. */
@injectable()
export class Session implements Disposable {
  constructor(
    @inject(Database) readonly database: Database,
    @inject(TENANT) readonly tenant: Tenant,
  ) {
    database.openSessions++;
  }

  dispose(): void {
    this.database.openSessions--;
  }
}

@injectable()
export class SqlStock implements Stock {
  constructor(@inject(Session) private readonly session: Session) {}

  available(sku: string): number {
    const { database, tenant } = this.session;
    const held = database.select(tenant.id).filter((row) => row.kind === 'held' && row.sku === sku);
    return database.delivered(tenant.id, sku) - held.reduce((sum, { amount }) => sum + amount, 0);
  }

  hold(key: string, sku: string, amount: number): void {
    const { database, tenant } = this.session;
    database.insert({ tenant: tenant.id, kind: 'held', key, sku, amount });
  }

  release(key: string): void {
    this.session.database.remove(this.session.tenant.id, 'held', key);
  }
}

@injectable()
export class SqlPayments implements Payments {
  constructor(@inject(Session) private readonly session: Session) {}

  charge(key: string, amount: number): void {
    const { database, tenant } = this.session;
    database.insert({ tenant: tenant.id, kind: 'charged', key, amount });
  }

  refund(key: string): void {
    this.session.database.remove(this.session.tenant.id, 'charged', key);
  }
}
