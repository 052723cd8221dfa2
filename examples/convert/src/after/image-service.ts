/** The service after: the same work, with validated values, progress, an abort, and outcomes that survive a restart. */
import 'reflect-metadata';
import { IsIn, IsInt, IsUrl } from 'class-validator';
import { Handler, OrraService, type Task } from '@orra-ts/sdk';
import { ImageNotAccessible, analyse, download, type ImageInfo } from '../image';

export class AnalyseInput {
  @IsUrl({ require_tld: false }) url!: string;
}

export class AnalyseOutput implements ImageInfo {
  @IsIn(['png']) format!: 'png';
  @IsInt() width!: number;
  @IsInt() height!: number;
  @IsInt() bytes!: number;
}

@OrraService({ name: 'image-analysis', description: 'Reads format and size of the image at a URL' })
export class ImageService {
  @Handler({ input: AnalyseInput, output: AnalyseOutput, timeout: '30s' })
  async analyse(task: Task<AnalyseInput>): Promise<AnalyseOutput> {
    const { url } = task.input;
    try {
      await task.pushUpdate({ progress: 10, status: 'downloading', message: url });
      const file = await download(url, task.signal);
      await task.pushUpdate({ progress: 70, status: 'analysing', message: `${file.length} bytes` });
      return analyse(url, file);
    } catch (error) {
      // A decision: the engine does not retry it, and undoes what other services did for the same order. Any other
      // error fails the attempt, and the engine retries it.
      if (error instanceof ImageNotAccessible) return task.abort({ reason: error.reason });
      throw error;
    }
  }
}
