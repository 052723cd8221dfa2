/** What the services need, as interfaces, and the tokens under which the container has them. */
import type { InjectionToken } from 'tsyringe';

export interface Tenant {
  readonly id: string;
}

/** Books of one tenant. */
export interface Stock {
  available(sku: string): number;
  /** A second call with the same key has no effect. */
  hold(key: string, sku: string, quantity: number): void;
  release(key: string): void;
}

export interface Payments {
  /** A second call with the same key has no effect. */
  charge(key: string, amountCents: number): void;
  refund(key: string): void;
}

export const TENANT: InjectionToken<Tenant> = Symbol('Tenant');
export const STOCK: InjectionToken<Stock> = Symbol('Stock');
export const PAYMENTS: InjectionToken<Payments> = Symbol('Payments');
