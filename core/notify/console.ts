import type { Link } from './mrkdwn.ts'

const home = 'https://console.cloud.google.com'

/** Where a person sees what lies under a `gs://` address. */
export function linkObjects(label: string, uri: string): Link {
  const path = uri
    .replace(/^gs:\/\//, '')
    .split('/')
    .map(encodeURIComponent)
    .join('/')
  return { label, url: `${home}/storage/browser/${path}` }
}

/** Where a person sees an image. */
export function linkImage(label: string, project: string, image: string): Link {
  return { label, url: `${home}/compute/imagesDetail/projects/${project}/global/images/${image}` }
}

/** Where a person sees the machines of a project. */
export function linkInstances(label: string, project: string): Link {
  return { label, url: `${home}/compute/instances?project=${project}` }
}

/** The CI job, where there is one. */
export function linkJob(link: string | undefined): readonly Link[] {
  return link === undefined ? [] : [{ label: 'CI job', url: link }]
}
