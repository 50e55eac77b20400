import type { Context } from '../../host.ts'
import { linkJob, linkObjects } from '../../notify/console.ts'
import type { Notice } from '../../notify/message.ts'
import type { Row } from '../../notify/release-page.ts'
import { countFiles, formatBytes } from '../../units.ts'
import type { Upload } from './report.ts'

/** A new release as news. */
export function describeNews({ release, uri }: Upload, { link }: Context): Notice {
  const { name, tag, commit, repository, files, compressedSize, digest } = release
  return {
    title: `✔ ${name}@${tag} uploaded`,
    facts: [
      ['Commit', `${commit.slice(0, 12)} of ${repository}`],
      ['Size', `${countFiles(files)}, ${formatBytes(compressedSize)} compressed`],
      ['Digest', digest],
    ],
    links: [...linkJob(link), linkObjects('archives', uri.slice(0, uri.lastIndexOf('/')))],
  }
}

/** A release as the tag's release page has it. */
export function listRows({ release, uri }: Upload): readonly Row[] {
  const { name, tag, digest } = release
  return [{ name: `Code \`${name}@${tag}\``, fact: `\`${uri}\`, tar \`${digest}\`` }]
}
