import Link from 'next/link'

export default function NotFound() {
  return (
    <main className="grid h-dvh place-items-center">
      <p>
        There is nothing here.{' '}
        <Link href="/" className="text-accent underline">
          Open Tandem
        </Link>
      </p>
    </main>
  )
}
