export function pythonPackages(
  requirements: string,
): Promise<{ readonly python: string; readonly env: Readonly<Record<string, string>> }>;
