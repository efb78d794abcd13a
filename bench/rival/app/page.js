export default function Page() {
  return <p>A page with one route.</p>
}
