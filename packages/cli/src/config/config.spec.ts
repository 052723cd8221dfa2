import { Config } from './config';

const recorded = {
  current_project: 'shop',
  telemetry: { off: true },
  projects: {
    shop: {
      id: 'p_1',
      cli_auth: 'sk-orra-v1-1',
      api_key: { prod: 'sk-orra-v1-2' },
      server_addr: 'http://localhost:8005',
      webhooks: ['http://localhost:8888/hook'],
      compensation_failure_webhooks: [],
      colour: 'red',
    },
  },
};

describe('a config of the Go CLI', () => {
  const config = new Config(recorded);

  it('is read unchanged', () => {
    expect(config.current).toBe('shop');
    expect(config.names).toEqual(['shop']);
    expect(config.find('shop')).toEqual({
      id: 'p_1',
      cli_auth: 'sk-orra-v1-1',
      api_key: { prod: 'sk-orra-v1-2' },
      server_addr: 'http://localhost:8005',
      webhooks: ['http://localhost:8888/hook'],
      compensation_failure_webhooks: [],
      dev_storage: undefined,
    });
  });

  it('keeps unknown members through every change', () => {
    const changed = config.withChange('shop', { webhooks: ['http://a.test'] }).withCurrent('shop');
    expect(changed.content).toEqual({
      ...recorded,
      projects: { shop: { ...recorded.projects.shop, webhooks: ['http://a.test'] } },
    });
    expect(changed.emptied().content).toEqual({ current_project: '', projects: {}, telemetry: { off: true } });
  });

  it('is not changed in place', () => {
    config.withChange('shop', { id: 'other' });
    expect(config.find('shop')?.id).toBe('p_1');
  });
});

describe('a config with gaps', () => {
  it.each([
    ['nothing', {}],
    ['nulls', { current_project: null, projects: null }],
    ['wrong types', { current_project: 5, projects: ['shop'] }],
    ['a project that is null', { projects: { shop: null } }],
  ])('with %s has no projects and no current project', (_, content) => {
    const config = new Config(content);
    expect(config.names).toEqual([]);
    expect(config.current).toBeUndefined();
    expect(config.find('shop')).toBeUndefined();
    expect(config.find('constructor')).toBeUndefined();
  });

  it('reads null for lists and maps as empty, as Go writes them', () => {
    const config = new Config({ projects: { shop: { webhooks: null, api_key: null } } });
    expect(config.find('shop')).toMatchObject({ webhooks: [], api_key: {} });
  });

  it('accepts any name for a project', () => {
    const config = new Config().withProject('__proto__', { id: 'p_1' });
    expect(config.names).toEqual(['__proto__']);
    expect(config.find('__proto__')?.id).toBe('p_1');
  });
});
