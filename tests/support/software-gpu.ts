/**
 * A graphics processor for tests that comes from the npm registry alone: SwiftShader, Vulkan in software, and a Vulkan
 * loader. What it computes is right; how fast says nothing about any real device.
 */
import { join } from 'node:path';
import { isForThisPlatform, libraryPath, unpacked, untar } from './chromium-package.ts';

/**
 * The environment in which a process finds the software GPU, and no other. The dynamic loader reads it when a process
 * starts, so it is for child processes. Elsewhere than on Linux x64 it is empty: the system's own GPU is used.
 */
export async function softwareGpuEnvironment(): Promise<Record<string, string>> {
  if (!isForThisPlatform) return {};
  const home = await unpacked('swiftshader', (archives, staging) => {
    untar(join(archives, 'swiftshader.tar.br'), staging);
  });
  const driver = join(home, 'vk_swiftshader_icd.json');
  return {
    LD_LIBRARY_PATH: libraryPath(home),
    // Newer loaders read the first, older ones the second.
    VK_DRIVER_FILES: driver,
    VK_ICD_FILENAMES: driver,
  };
}

/** The environment in which a process finds no GPU at all, whatever this machine has. */
export const noGpuEnvironment: Readonly<Record<string, string>> = {
  VK_DRIVER_FILES: '/dev/null',
  VK_ICD_FILENAMES: '/dev/null',
};
