import { createOrraClient } from '@orra-ts/client';

export async function placeOrder(orderId: string): Promise<void> {
  const orra = createOrraClient(); // the engine at ORRA_URL, with the key in ORRA_API_KEY
  const order = await orra.action('Process order').with({ orderId }).timeout('45s').submit();
  for await (const { service, data } of order.updates()) console.log(service, data);

  const result = await order.result<{ trackingNumber: string }>({ timeout: '10m' });
  switch (result.status) {
    case 'completed':
      return console.log('on its way:', result.output.trackingNumber);
    case 'aborted':
      return console.log(`${result.service ?? 'a service'} called it off:`, result.payload);
    case 'failed':
      // A handler threw `new NonRetryableError('…', { code: 'CARD_REFUSED', details: { limit: 317 } })`.
      if (result.error.code === 'CARD_REFUSED') return console.log('use another card:', result.error.details);
      return console.log('it failed:', result.error.message);
    case 'cancelled':
    case 'not_actionable':
      return console.log(`${result.status}:`, result.reason);
  }
}
