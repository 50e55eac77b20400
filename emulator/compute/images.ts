import { GoogleError } from '../errors.ts'
import type { Disk } from './disks.ts'
import { alreadyExists, inUse, invalid, notFound, notReady } from './errors.ts'
import {
  type Deprecation,
  debianImages,
  type Image,
  type ImageBody,
  type ImageSource,
  localImages,
  makeImage,
} from './image.ts'
import { type LabelsBody, readLabels } from './labels.ts'
import { type Link, readLink } from './links.ts'
import { checkName } from './names.ts'
import type { BeginOptions, Operation } from './operations.ts'
import type { State } from './state.ts'

export interface Images {
  /** Throws 404. */
  get(project: string, name: string): Image
  /** The newest of the family that is ready and not deprecated. Throws 404 when there is none. */
  getFromFamily(project: string, family: string): Image
  list(project: string): readonly Image[]
  /** The image that `…/images/NAME` or `…/images/family/NAME` means. Throws 404; 400 for one that is obsolete. */
  resolve(link: Link, field: string): Image
  insert(project: string, body: ImageBody, forceCreate: boolean, options: BeginOptions): Operation
  delete(project: string, name: string, options: BeginOptions): Operation
  /** Family, description and deprecation, which is all that Google lets a patch change. */
  patch(project: string, name: string, body: ImageBody, options: BeginOptions): Operation
  deprecate(project: string, name: string, status: Deprecation, options: BeginOptions): Operation
  setLabels(project: string, name: string, body: LabelsBody, options: BeginOptions): Operation
}

/** What Packer 1.6 sends as sourceDisk, for want of `projects/`: packer-plugin-googlecompute#15. */
const malformedDisk = /^(https:\/\/[^/]+\/compute\/v1\/)(?!projects\/)([^/]+\/zones\/[^/]+\/disks\/[^/]+)$/

const patchable = new Set(['name', 'family', 'description', 'deprecated'])

export function openImages(state: State, acceptMalformedSourceDisk: boolean): Images {
  const { records, operations } = state
  const collection = (project: string) => `projects/${project}/global/images`

  /** Every project begins with the images that the process driver boots. */
  function seed(project: string) {
    if (records.folders(`projects/${project}/global`).includes('images')) return
    for (const body of project === 'debian-cloud' ? debianImages : localImages)
      records.create(
        `${collection(project)}/${body.name}`,
        makeImage(state, project, body, { diskSizeGb: '10' }),
      )
  }

  function find(project: string, name: string): Image | undefined {
    seed(project)
    return records.find<Image>(collection(project), name)
  }

  function get(project: string, name: string): Image {
    const image = find(project, name)
    if (!image) throw notFound(`${collection(project)}/${name}`)
    return image
  }

  function list(project: string): readonly Image[] {
    seed(project)
    return records.list<Image>(collection(project))
  }

  function getFromFamily(project: string, family: string): Image {
    const usable = list(project).filter((image) => {
      const state = image.deprecated?.state ?? 'ACTIVE'
      return image.family === family && image.status === 'READY' && state === 'ACTIVE'
    })
    const newest = usable.sort((a, b) => Number(a.id) - Number(b.id)).at(-1)
    if (!newest) throw notFound(`${collection(project)}/family/${family}`)
    return newest
  }

  function resolve(link: Link, field: string): Image {
    const [, project = '', family, name = ''] =
      /^projects\/([^/]+)\/global\/images\/(family\/)?([^/]+)$/.exec(link) ?? []
    if (!name) throw invalid(field, link, 'The URL is malformed.')
    const image = family ? getFromFamily(project, name) : find(project, name)
    if (!image) throw invalid(field, link, 'The referenced image resource cannot be found.')
    const obsolete = image.deprecated?.state === 'OBSOLETE' || image.deprecated?.state === 'DELETED'
    if (obsolete) throw invalid(field, link, `The referenced image resource is ${image.deprecated?.state}.`)
    if (image.status !== 'READY') throw notReady(link)
    return image
  }

  function change(image: Image, type: string, members: Partial<Image>, options: BeginOptions): Operation {
    records.write(image.selfLink, { ...image, ...members })
    return operations.begin(type, image, options)
  }

  function readSource(project: string, body: ImageBody, forceCreate: boolean): ImageSource {
    const given = [body.sourceDisk, body.sourceImage, body.rawDisk].filter((each) => each !== undefined)
    if (given.length !== 1) {
      const message = "Invalid resource usage: 'Must specify exactly one source for an image.'."
      throw new GoogleError(400, 'invalidResourceUsage', message)
    }
    if (body.sourceImage !== undefined) {
      const image = resolve(
        readLink(body.sourceImage, 'resource.sourceImage', project),
        'resource.sourceImage',
      )
      return { sourceImage: image.selfLink, sourceImageId: image.id, diskSizeGb: image.diskSizeGb }
    }
    if (body.sourceDisk === undefined) return { diskSizeGb: '10' }
    const sourceDisk = acceptMalformedSourceDisk
      ? body.sourceDisk.replace(malformedDisk, '$1projects/$2')
      : body.sourceDisk
    const link = readLink(sourceDisk, 'resource.sourceDisk', project)
    const disk = records.read<Disk>(link)
    if (!disk)
      throw invalid('resource.sourceDisk', body.sourceDisk, 'The referenced disk resource cannot be found.')
    const user = disk.users?.[0]
    if (user && !forceCreate) throw inUse('disk', link, user)
    return { sourceDisk: link, sourceDiskId: disk.id, diskSizeGb: disk.sizeGb }
  }

  return {
    get,
    list,
    getFromFamily,
    resolve,
    insert(project, body, forceCreate, options) {
      const name = checkName(body.name, 'resource.name')
      const source = readSource(project, body, forceCreate)
      if (find(project, name)) throw alreadyExists(`${collection(project)}/${name}`)
      const image: Image = { ...makeImage(state, project, body, source), status: 'PENDING' }
      records.create(image.selfLink, image)
      return operations.begin('insert', image, options)
    },
    delete(project, name, options) {
      return change(get(project, name), 'delete', { status: 'DELETING' }, options)
    },
    patch(project, name, body, options) {
      const refused = Object.keys(body).find((key) => !patchable.has(key))
      if (refused)
        throw invalid(`resource.${refused}`, '', 'Only family, description and deprecated can be patched.')
      const { name: _, ...members } = body
      return change(get(project, name), 'patch', members, options)
    },
    deprecate(project, name, status, options) {
      return change(get(project, name), 'deprecate', { deprecated: status }, options)
    },
    setLabels(project, name, body, options) {
      const image = get(project, name)
      return change(image, 'setLabels', readLabels(body, image), options)
    },
  }
}
