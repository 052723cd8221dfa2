/**
 * class-validator and class-transformer, loaded when the first DTO class is met and not before: both are optional. The
 * copy that is loaded already is preferred, for it is the one which the DTO's decorators wrote to.
 */
import { OrraError } from '@orra-ts/common';

export type ClassValidator = typeof import('class-validator');
export type ClassTransformer = typeof import('class-transformer');

/** The application's own module objects, for package managers and bundlers with which ours would be another copy. */
export interface Peers {
  readonly classValidator?: ClassValidator;
  readonly classTransformer?: ClassTransformer;
}

export interface LoadedPeers {
  readonly classValidator: ClassValidator;
  readonly classTransformer: ClassTransformer;
}

/**
 * @throws OrraError `ORRA_MISSING_PEER` naming what to install
 */
export function loadPeers(peers: Peers = {}): LoadedPeers {
  return {
    classValidator: peers.classValidator ?? load<ClassValidator>('class-validator'),
    classTransformer: peers.classTransformer ?? load<ClassTransformer>('class-transformer'),
  };
}

function load<M>(name: 'class-validator' | 'class-transformer'): M {
  const [loaded] = loadedCopies(name);
  try {
    return require(loaded ?? name) as M;
  } catch (cause) {
    throw new OrraError(
      'ORRA_MISSING_PEER',
      `classes as input and output need ${name}, which is not installed; run: npm install class-validator class-transformer`,
      { cause, details: { package: name } },
    );
  }
}

/** Entry files of all copies of a package that this process has loaded. */
export function loadedCopies(name: string): string[] {
  const entry = new RegExp(`[\\\\/]${name}[\\\\/]cjs[\\\\/]index\\.js$`);
  return Object.keys(require.cache).filter((file) => entry.test(file));
}
