import type { Images } from '../core/world.ts'
import type { Actor } from './actor.ts'
import type { Engine } from './engine.ts'
import type { Gallery } from './gallery.ts'
import { ignoreAbsence, type Network, type Request } from './network.ts'

/** The project's images as an actor sees them, over its network. */
export function openImages(actor: Actor, network: Network, gallery: Gallery, engine: Engine): Images {
  const read = <T>(method: string, about: string, act: () => T) =>
    network.send(actor, { service: 'reads', method, about, act })
  // Without a request id, as adapters/google/image-store.ts sends them: tried once.
  const change = (method: string, about: string, act: () => void, more: Partial<Request<void>> = {}) =>
    network.send(actor, { service: 'changes', method, about, act, once: true, ...more })
  return {
    find: (name) => read('get image', name, () => gallery.find(name)),
    list: (label, value) =>
      read('list images', value, () => gallery.all.filter(({ labels }) => labels[label] === value)),
    setFamily: (name, family) =>
      change('set family', name, () => gallery.setFamily(actor.name, name, family)),
    label: ({ name, labels: old, labelFingerprint }, labels) =>
      change('label', name, () => gallery.label(name, { ...old, ...labels }, labelFingerprint)),
    deprecate: (name, deprecation) => change('deprecate', name, () => gallery.deprecate(name, deprecation)),
    remove: (name) =>
      change('delete image', name, () => gallery.remove(actor.name, name), { once: false }).catch(
        ignoreAbsence,
      ),
    disksOf: ({ id }) =>
      read('list disks', id, () =>
        [...engine.disks.all].map(({ life }) => life).filter(({ image }) => image === id),
      ),
  }
}
