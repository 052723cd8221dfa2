/**
 * Returns whether a number is a multiple of another one as their decimal digits say: 19.99 is a multiple of 0.01,
 * although the quotient of the binary numbers is not whole.
 *
 * @param divisor above zero
 */
export function isMultipleOf(divisor: number, value: number): boolean {
  if (Number.isSafeInteger(divisor) && Number.isSafeInteger(value)) return value % divisor === 0;
  const [a, b] = [decimalOf(value), decimalOf(divisor)];
  const places = Math.max(a.places, b.places);
  return scaled(a, places) % scaled(b, places) === 0n;
}

interface Decimal {
  readonly digits: bigint;
  /** Number of digits after the decimal point; negative for zeros before it. */
  readonly places: number;
}

function decimalOf(value: number): Decimal {
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), places: fraction.length - Number(exponent) };
}

const scaled = ({ digits, places }: Decimal, to: number): bigint => digits * 10n ** BigInt(to - places);
