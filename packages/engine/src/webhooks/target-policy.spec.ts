import type { LookupAddress } from 'node:dns';
import { TargetPolicy, isLoopback } from './target-policy';

const INTERNAL = [
  '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1',
  '255.255.255.255', '::', 'fd00::1', 'fe80::1', 'ff02::1', '::ffff:10.0.0.1', '::ffff:169.254.169.254',
  '64:ff9b::a00:1', '2002:a00:1::',
]; // prettier-ignore
const LOCAL = ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'];
const PUBLIC = ['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'];

describe('TargetPolicy', () => {
  it.each(INTERNAL)('refuses %s unless everything is allowed', (address) => {
    expect(new TargetPolicy('public').allows(address)).toBe(false);
    expect(new TargetPolicy('loopback').allows(address)).toBe(false);
    expect(new TargetPolicy('any').allows(address)).toBe(true);
  });

  it.each(LOCAL)('allows %s where loopback is allowed', (address) => {
    expect(new TargetPolicy('public').allows(address)).toBe(false);
    expect(new TargetPolicy('loopback').allows(address)).toBe(true);
  });

  it.each(PUBLIC)('allows %s', (address) => expect(new TargetPolicy('public').allows(address)).toBe(true));

  it.each(['http://10.0.0.1/x', 'http://[fd00::1]:80/', 'http://localhost/', 'http://2130706433/', 'http://0x7f.1/'])(
    'says what is wrong with %s, however the address is written',
    (url) => {
      expect(new TargetPolicy('public').problemOf(new URL(url))).toMatch(/internal address.*webhookTargets: 'any'/);
      expect(new TargetPolicy('any').problemOf(new URL(url))).toBeUndefined();
    },
  );

  it('leaves names to the moment of the connection', () => {
    expect(new TargetPolicy('public').problemOf(new URL('http://intranet.example/'))).toBeUndefined();
  });

  it.each([true, false])('looks a name up and refuses it over what it means (all: %s)', async (all) => {
    const ask = (policy: TargetPolicy): Promise<string | LookupAddress[]> =>
      new Promise((resolve, reject) =>
        policy.lookup('localhost', { all }, (error, address) => (error ? reject(error) : resolve(address))),
      );
    await expect(ask(new TargetPolicy('public'))).rejects.toMatchObject({ code: 'ORRA_INVALID_WEBHOOK' });
    expect(JSON.stringify(await ask(new TargetPolicy('loopback')))).toMatch(/127\.0\.0\.1|::1/);
  });

  it('knows addresses of this machine', () => {
    expect(['127.0.0.1', 'localhost', '::1', '0.0.0.0', '::', '10.0.0.1', 'example.com'].map(isLoopback)).toEqual([
      true, true, true, false, false, false, false,
    ]); // prettier-ignore
  });
});
