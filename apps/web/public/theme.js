// Runs before the first paint, so that a chosen theme does not flash in the other one. Not a module:
// modules run after the page is parsed. src/theme/theme.ts stores the choice.
try {
  const theme = localStorage.getItem('kiln-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: the system's theme is used.
}
