export function npmTools(project: string, onLine?: (line: string) => void): Promise<string>;
