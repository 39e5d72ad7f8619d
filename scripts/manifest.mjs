import { Plugin } from '@oclif/core';

/**
 * The list of all commands with their flags, as oclif would find it by loading every command.
 *
 * With the list in a file, a start loads only the command that runs. The `oclif` package has a command for this, at
 * the price of 200 more packages.
 *
 * @param {string} root the package's folder, with the commands built
 */
export async function createManifest(root) {
  const plugin = new Plugin({
    root,
    name: 'ecfx',
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  return plugin.manifest;
}
