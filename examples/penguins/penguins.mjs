/** What the model sees of a penguin. */
export const features = ['bill_length_mm', 'bill_depth_mm', 'flipper_length_mm', 'body_mass_g']

/** What the model tells. */
export const species = ['Adelie', 'Chinstrap', 'Gentoo']

export function readFeatures(penguin) {
  return features.map((feature) => Number(penguin[feature]))
}

export function readLabel(penguin) {
  return species.indexOf(penguin.species)
}
