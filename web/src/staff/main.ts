import { mount } from 'svelte'
import '../ui/base.css'
import { preferredLocale, speak } from '../ui/i18n.svelte'
import App from './App.svelte'

await speak(preferredLocale())
mount(App, { target: document.getElementById('app')! })
