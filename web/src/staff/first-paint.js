// Runs before the first paint: the chosen theme and language, so that nothing flashes.
;(function () {
  try {
    var theme = localStorage.getItem('vitrine.theme')
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
    var locale = localStorage.getItem('vitrine.locale')
    if (locale) document.documentElement.lang = locale
  } catch {
    // storage is blocked: the system's theme stands
  }
})()
