package server

import (
	"fmt"
	"net/http"
	"strings"
)

// Class says who may call a route. A route without one does not start.
type Class string

// The classes. An open route is for everybody and looks nobody up; a guest route stands on a
// link's token alone and never looks at a session; the others need an account.
const (
	open    Class = "open"
	guest   Class = "guest"
	user    Class = "user"
	manager Class = "manager"
	admin   Class = "admin"
)

// Route is one line of the list.
type Route struct {
	Class   Class
	Pattern string // as http.ServeMux reads it: a method, a space and a path
	Does    string
	end     endpoint
}

// Method is the pattern's method.
func (rt Route) Method() string { return strings.Fields(rt.Pattern)[0] }

// Path is the pattern's path.
func (rt Route) Path() string { return strings.Fields(rt.Pattern)[1] }

// Routes is THE LIST: every route of the system. The suite walks it and expects a refusal
// wherever its table does not say otherwise; a route that is not here does not exist.
func (s *Server) Routes() []Route {
	return []Route{
		// The guest surface: all that a public listener serves.
		{guest, "GET /s/{token}", "the page of a link", page(s.guestPage)},
		{guest, "GET /s/{token}/unlock", "the page again, from the address a wrong password leaves", page(s.guestPage)},
		{guest, "POST /s/{token}/unlock", "give a link's password", page(s.guestUnlock)},
		{guest, "GET /s/{token}/index.json", "what a link shows, as data", data(s.guestIndex)},
		{guest, "GET /s/{token}/a/{asset}/{version}", "bytes of one version", binary(s.guestVersion)},
		{guest, "GET /d/{token}", "direct download of an original", binary(s.directDownload)},
		{guest, "GET /assets/{file...}", "our own scripts, styles and icons", static(s.staticFile)},
		{guest, "GET /robots.txt", "nothing here is for search engines", static(s.robots)},

		// The staff app. Its pages are one shell; what they show comes from the API.
		{open, "GET /{$}", "the feed", app(s.staffApp)},
		{open, "GET /signin", "sign in", app(s.staffApp)},
		{open, "GET /setup", "first start", app(s.staffApp)},
		{open, "GET /collections", "collections", app(s.staffApp)},
		{open, "GET /collections/{id}", "one collection", app(s.staffApp)},
		{open, "GET /settings", "settings", app(s.staffApp)},
		{open, "GET /settings/{section}", "one section of the settings", app(s.staffApp)},
		{open, "GET /a/{id}", "internal link of an asset", app(s.internalLink)},

		// Operation.
		{open, "GET /healthz", "can this node serve?", data(s.health)},
		{admin, "GET /metrics", "counters for Prometheus", data(s.measure)},
		{open, "GET /api/v1/openapi.json", "this API, described", data(s.openAPI)},

		// Set-up and session.
		{open, "GET /api/v1/setup", "Is the first account still to be made?", call(s.setupState)},
		{open, "POST /api/v1/setup", "Make the first account", created(s.setUp)},
		{open, "POST /api/v1/session", "Sign in", call(s.signIn)},
		{user, "GET /api/v1/session", "Who am I and what may I do?", call(s.session)},
		{user, "DELETE /api/v1/session", "Sign out", call(s.signOut)},

		// Assets.
		{user, "GET /api/v1/assets", "List and search assets", call(s.listAssets)},
		{user, "POST /api/v1/assets", "Bring a file in", upload(by(s.bringIn))},
		{user, "GET /api/v1/assets/{id}", "One asset, by id or number", call(s.getAsset)},
		{user, "PATCH /api/v1/assets/{id}", "Edit an asset", call(s.editAsset)},
		{user, "DELETE /api/v1/assets/{id}", "Move an asset to the trash", call(s.trashAsset)},
		{user, "POST /api/v1/assets/{id}/restore", "Take an asset out of the trash", call(s.restoreAsset)},
		{user, "POST /api/v1/assets/{id}/retry", "Make the renditions once more", call(s.retryAsset)},
		{user, "POST /api/v1/assets/{id}/archive", "Archive the original", call(s.archiveAsset)},
		{user, "POST /api/v1/assets/{id}/unarchive", "Bring the original back", call(s.unarchiveAsset)},
		{user, "GET /api/v1/assets/{id}/links", "The links that show an asset", call(s.assetLinks)},
		{user, "GET /api/v1/assets/{id}/versions/{name}", "Bytes of one version", binary(by(s.assetVersion))},
		{user, "GET /api/v1/assets/{id}/metadata", "What the file says of itself", call(s.assetMetadata)},
		{user, "POST /api/v1/assets/{id}/attachments", "Add a supporting file", upload(by(s.attach))},
		{user, "GET /api/v1/assets/{id}/attachments/{attachment}", "Bytes of a supporting file", binary(by(s.attachmentBytes))},
		{user, "DELETE /api/v1/assets/{id}/attachments/{attachment}", "Delete a supporting file", call(s.detach)},
		{user, "PUT /api/v1/assets/{id}/original", "Replace the original; links stay", upload(by(s.replaceOriginal))},
		{user, "GET /api/v1/assets/{id}/originals", "All originals an asset has had", call(s.listOriginals)},
		{user, "POST /api/v1/assets/{id}/originals/{revision}/restore", "Make an earlier original the newest", call(s.restoreOriginal)},
		{user, "POST /api/v1/assets/import", "Copy assets of external sources into our own storage", accepted(s.importAssets)},

		// Resumable upload, tus 1.0.
		{open, "OPTIONS /uploads", "what this tus server can do", upload(s.tusOptions)},
		{open, "OPTIONS /uploads/{id}", "what this tus server can do", upload(s.tusOptions)},
		{user, "POST /uploads", "begin an upload", upload(by(s.tusCreate))},
		{user, "HEAD /uploads/{id}", "how far an upload is", upload(by(s.tusHead))},
		{user, "PATCH /uploads/{id}", "send more of an upload", upload(by(s.tusPatch))},
		{user, "DELETE /uploads/{id}", "give an upload up", upload(by(s.tusDelete))},

		// Collections.
		{user, "GET /api/v1/collections", "List collections", call(s.listCollections)},
		{user, "POST /api/v1/collections", "Make a collection", created(s.createCollection)},
		{user, "GET /api/v1/collections/{id}", "One collection", call(s.getCollection)},
		{user, "PATCH /api/v1/collections/{id}", "Rename a collection", call(s.renameCollection)},
		{user, "DELETE /api/v1/collections/{id}", "Delete a collection, not its assets", call(s.deleteCollection)},
		{user, "POST /api/v1/collections/{id}/assets", "Add assets", call(s.addToCollection)},
		{user, "DELETE /api/v1/collections/{id}/assets", "Take assets out", call(s.removeFromCollection)},

		// Links.
		{user, "GET /api/v1/links", "List links", call(s.listLinks)},
		{user, "POST /api/v1/links", "Make a link", created(s.createLink)},
		{user, "GET /api/v1/links/{id}", "One link", call(s.getLink)},
		{user, "PATCH /api/v1/links/{id}", "Edit a link", call(s.editLink)},
		{user, "DELETE /api/v1/links/{id}", "Delete a link: it ends at once", call(s.deleteLink)},
		{user, "GET /api/v1/links/{id}/qr", "A QR code of the link's URL", binary(by(s.linkQR))},
		{user, "GET /api/v1/links/{id}/visits", "What happened at a link", call(s.linkVisits)},
		{user, "GET /api/v1/links/{id}/stats", "How often a link was used", call(s.linkStats)},

		// The signed-in person's own.
		{user, "GET /api/v1/tokens", "Own API tokens", call(s.listTokens)},
		{user, "POST /api/v1/tokens", "Make an API token; it is shown once", created(s.createToken)},
		{user, "DELETE /api/v1/tokens/{id}", "End an API token", call(s.deleteToken)},
		{user, "GET /api/v1/events", "Progress of assets, as server-sent events", stream(by(s.events))},

		// Administration.
		{user, "GET /api/v1/recipes", "The recipes of renditions", call(s.listRecipes)},
		{admin, "POST /api/v1/recipes", "Add a recipe", created(s.addRecipe)},
		{admin, "PATCH /api/v1/recipes/{name}", "Change a recipe or switch it off", call(s.editRecipe)},
		{admin, "DELETE /api/v1/recipes/{name}", "Delete a recipe with all it made", call(s.deleteRecipe)},
		{admin, "GET /api/v1/recipes/{name}/links", "The links that offer what a recipe makes", call(s.recipeLinks)},
		{admin, "POST /api/v1/recipes/{name}/rebuild", "Make what assets lack of a recipe", accepted(s.rebuildRecipe)},
		{user, "GET /api/v1/runs", "Long work, the newest first", call(s.listRuns)},
		{user, "GET /api/v1/runs/{id}", "How far long work is", call(s.getRun)},
		{user, "POST /api/v1/runs/{id}/pause", "Let long work rest", call(s.pauseRun)},
		{user, "POST /api/v1/runs/{id}/resume", "Go on with long work", call(s.resumeRun)},
		{user, "POST /api/v1/runs/{id}/cancel", "Give long work up", call(s.cancelRun)},
		{user, "GET /api/v1/sources", "The external sources", call(s.listSources)},
		{admin, "POST /api/v1/sources", "Add an external source", created(s.addSource)},
		{admin, "PATCH /api/v1/sources/{id}", "Rename an external source", call(s.renameSource)},
		{admin, "DELETE /api/v1/sources/{id}", "Forget an external source with its assets", call(s.deleteSource)},
		{admin, "POST /api/v1/sources/{id}/rescan", "Look for changes in an external source", accepted(s.rescanSource)},
		{admin, "POST /api/v1/sources/{id}/import", "Copy the assets of a source into our own storage", accepted(s.importSource)},
		{user, "GET /api/v1/settings/watermark", "The watermark", call(s.getWatermark)},
		{user, "GET /api/v1/settings/watermark/image", "The watermark's picture", binary(by(s.watermarkImage))},
		{admin, "PUT /api/v1/settings/watermark", "Change the watermark", upload(by(s.putWatermark))},
		{admin, "DELETE /api/v1/settings/watermark", "Take the watermark away", call(s.deleteWatermark)},
		{admin, "POST /api/v1/settings/watermark/preview", "How a watermark would look", drawn(by(s.previewWatermark))},
		{user, "GET /api/v1/settings/general", "General settings", call(s.getGeneral)},
		{admin, "PUT /api/v1/settings/general", "Change general settings", call(s.putGeneral)},
		{admin, "GET /api/v1/users", "List users", call(s.listUsers)},
		{admin, "POST /api/v1/users", "Add a user", created(s.addUser)},
		{admin, "PATCH /api/v1/users/{id}", "Edit a user", call(s.editUser)},
		{admin, "GET /api/v1/audit", "Who changed what", call(s.audit)},
	}
}

// mount makes the handler of a listener from the routes that it serves. It refuses a route
// without a class.
func (s *Server) mount(routes []Route, keep func(Class) bool) (http.Handler, error) {
	mux := http.NewServeMux()
	for _, rt := range routes {
		if !known(rt.Class) {
			return nil, fmt.Errorf("route %q has no class", rt.Pattern)
		}
		if keep(rt.Class) {
			mux.Handle(rt.Pattern, s.guard(rt))
		}
	}
	nowhere := s.guard(Route{Class: open, Pattern: "* /", end: data(s.nowhere(mux))})
	mux.Handle("/", nowhere)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !canonical(r.URL.Path) || !legible(r.URL) {
			nowhere.ServeHTTP(w, r) // the mux would redirect
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}

func known(c Class) bool {
	switch c {
	case open, guest, user, manager, admin:
		return true
	}
	return false
}
