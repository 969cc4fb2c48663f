// Package dam holds the nouns of Vitrine and the rules that bind them. It never reads a clock, a
// file, a database or a network, and imports only the standard library, so that every rule can be
// tested as a sentence. Every other package speaks in its words and asks it instead of comparing.
//
// The words (one word per thing; in brackets what we do not call it):
//
//   - Asset: one thing in the library, known by an id (UUIDv7) and by a number shown to people,
//     VTR-485 (not: file, media item).
//   - Original: the bytes that were brought in; available, archived or missing (not: source, master).
//   - Recipe: how a rendition is made. In the UI it is called "proxy" (not: profile, preset).
//   - Rendition: the result of one recipe for one asset (not: derivative, variant).
//   - Version: what a guest can be given: "original", a recipe's name, or a supporting file's id.
//   - Supporting file: a file attached to an asset (not: sidecar).
//   - Collection: ordered assets; personal (made by a link) or shared (not: album, folder).
//   - Link: a grant to whoever holds its token. An internal link is only a URL and has no row.
//   - Terms: what a link allows; the zero value allows nothing (not: options).
//   - Guest: who came by a link, with or without an account (not: visitor).
//   - Pass: proof that a guest gave the right password to one link (not: session).
//   - Visit: one recorded event of a link (not: hit, log).
//   - Viewer: who asks: nobody, or a user with a role. Always an argument.
//   - Verb: one thing a person or a job can do; a method of library.Library (not: service).
package dam
