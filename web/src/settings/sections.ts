import type { Component } from 'svelte'
import Cable from '@lucide/svelte/icons/cable'
import Layers from '@lucide/svelte/icons/layers'
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal'
import Stamp from '@lucide/svelte/icons/stamp'
import type { Glyph } from '../ui/action'
import type { Key } from '../ui/catalogue'
import General from './General.svelte'
import Recipes from './Recipes.svelte'
import Sources from './Sources.svelte'
import Watermark from './Watermark.svelte'

export interface Section {
  /** The last part of its address. */
  id: string
  label: Key
  about: Key
  icon: Glyph
  screen: Component
}

/** All settings, in the order of the list. */
export const sections: Section[] = [
  {
    id: 'general',
    label: 'settings.general.title',
    about: 'settings.general.about',
    icon: SlidersHorizontal,
    screen: General,
  },
  {
    id: 'watermark',
    label: 'settings.watermark.title',
    about: 'settings.watermark.about',
    icon: Stamp,
    screen: Watermark,
  },
  { id: 'proxies', label: 'settings.recipes.title', about: 'settings.recipes.about', icon: Layers, screen: Recipes },
  { id: 'sources', label: 'settings.sources.title', about: 'settings.sources.about', icon: Cable, screen: Sources },
]
