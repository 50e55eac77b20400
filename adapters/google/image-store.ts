import type { google } from '@google-cloud/compute/build/protos/protos.js'
import type { Deprecation, ImageRecord, Images } from '../../core/world.ts'
import { attempt, ignoreAbsence } from './cloud-errors.ts'
import type { ComputeOptions } from './compute.ts'
import { once, openComputeClients } from './compute-clients.ts'
import { defaultPatience, finish, type Operation, type Wait } from './operations.ts'

/** Opens the images of a project. Nothing is asked of Google before the first call. */
export function openImages(project: string, options: ComputeOptions): Images {
  const { endpoint, transport, patience = defaultPatience } = options
  const clients = openComputeClients(endpoint, transport)

  function ask<T>(method: string, image: string, act: () => Promise<T>): Promise<T> {
    return attempt({ method: `compute.${method}`, about: `image ${image} of project ${project}` }, act)
  }

  /** Does what Google answers with an operation, and sees its end. */
  function change(method: string, image: string, act: () => Promise<Answer>): Promise<void> {
    return ask(method, image, async () => {
      const [{ latestResponse }] = await act()
      const wait: Wait = async (operation) =>
        (await clients.globalOperations().wait({ project, operation }, once()))[0]
      await finish(latestResponse as Operation, wait, patience)
    })
  }

  return {
    async find(name) {
      const get = () => clients.images().get({ project, image: name }, once())
      const got = await ask('images.get', name, get).catch(ignoreAbsence)
      return got && toRecord(got[0])
    },
    list: (label, value) =>
      ask('images.list', `with label ${label}=${value}`, async () => {
        const request = { project, filter: `labels.${label}=${value}`, maxResults: 500 }
        const images: ImageRecord[] = []
        for await (const image of clients.images().listAsync(request, { ...once(), autoPaginate: false }))
          images.push(toRecord(image))
        return images.sort((a, b) => b.created - a.created)
      }),
    setFamily: (image, family) =>
      change('images.patch', image, () =>
        clients.images().patch({ project, image, imageResource: { family } }, once()),
      ),
    label: ({ name, labels: old, labelFingerprint }, labels) =>
      change('images.setLabels', name, () => {
        const globalSetLabelsRequestResource = { labels: { ...old, ...labels }, labelFingerprint }
        return clients.images().setLabels({ project, resource: name, globalSetLabelsRequestResource }, once())
      }),
    deprecate: (image, deprecation) =>
      change('images.deprecate', image, () =>
        clients.images().deprecate({ project, image, deprecationStatusResource: { ...deprecation } }, once()),
      ),
    async remove(image) {
      const remove = () => clients.images().delete({ project, image }, once())
      await change('images.delete', image, remove).catch(ignoreAbsence)
    },
    disksOf: ({ name, id }) =>
      ask('disks.aggregatedList', name, async () => {
        const request = { project, filter: `sourceImageId="${id}"`, returnPartialSuccess: false }
        const zones = clients.disks().aggregatedListAsync(request, { ...once(), autoPaginate: false })
        const found: { readonly zone: string; readonly name: string }[] = []
        // Zones come as `zones/us-central1-a`.
        for await (const [scope, { disks }] of zones)
          for (const disk of disks ?? [])
            found.push({ zone: scope.slice(scope.lastIndexOf('/') + 1), name: disk.name ?? '' })
        return found
      }),
  }
}

/** What the client gives for a method that begins an operation. */
type Answer = readonly [{ readonly latestResponse: unknown }, ...unknown[]]

function toRecord(image: google.cloud.compute.v1.IImage): ImageRecord {
  const { name, id, selfLink, family, labels, labelFingerprint, creationTimestamp, status, deprecated } =
    image
  return {
    name: name ?? '',
    id: String(id),
    selfLink: selfLink ?? '',
    ...(family && { family }),
    labels: labels ?? {},
    labelFingerprint: labelFingerprint ?? '',
    created: Date.parse(creationTimestamp ?? ''),
    status: String(status),
    ...(deprecated?.state && { deprecation: toDeprecation(deprecated) }),
  }
}

function toDeprecation({
  state,
  replacement,
  deleted,
}: google.cloud.compute.v1.IDeprecationStatus): Deprecation {
  return {
    state: String(state) as Deprecation['state'],
    ...(replacement && { replacement }),
    ...(deleted && { deleted }),
  }
}
