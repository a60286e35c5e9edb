/* Hands the form on which intent it is about, and where the browser came from. */
for (const [name, value] of new URLSearchParams(location.search)) {
  const input = document.forms[0].elements.namedItem(name);
  if (input instanceof HTMLInputElement) input.value = value;
}
