/** A Chromium that runs. */
export interface Chromium {
  close(): Promise<void>;
}

export function findChromium(env?: NodeJS.ProcessEnv): string | null;
export function startChromium(executablePath: string): Promise<Chromium>;
