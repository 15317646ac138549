// Tells the browser which language the page is in, for screen readers and fonts, and keeps what the reader chose for a year.
export default function ({ data }) {
  document.documentElement.lang = data.tag;
  if (data.code) document.cookie = `${data.cookie}=${data.code}; path=/; max-age=31536000; samesite=lax`;
}
