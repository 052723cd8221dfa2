import { SDK_CAPABILITIES, encodeCapabilities, parseCapabilities } from '.';

describe('the header with capabilities', () => {
  it('is parsed as it was encoded', () => {
    expect(parseCapabilities(encodeCapabilities(SDK_CAPABILITIES))).toEqual(SDK_CAPABILITIES);
    expect(parseCapabilities(encodeCapabilities([]))).toEqual([]);
  });

  it('keeps names of later versions, and ignores whitespace and empty entries', () => {
    expect(parseCapabilities(' task-meta,,later ,')).toEqual(['task-meta', 'later']);
  });
});
