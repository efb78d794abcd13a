// The dimmer: the brighter the lamp, the shorter its evening.
const slider = document.querySelector('#brightness')
const reading = document.querySelector('#reading')

function hoursAt(percent) {
  return Math.round(1260 / percent)
}

function showBrightness() {
  const percent = Number(slider.value)
  document.documentElement.style.setProperty('--brightness', String(percent / 100))
  reading.value = percent + '% · ' + hoursAt(percent) + ' h'
}

slider.addEventListener('input', showBrightness)
showBrightness()

// The button answers at once.
const reserve = document.querySelector('#reserve-button')

reserve.addEventListener('click', () => {
  reserve.textContent = 'Reserved ✓'
})
