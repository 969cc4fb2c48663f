package dam

import "slices"

// Right is one thing a role may do (design 5.2).
type Right string

const (
	AssetView          Right = "asset.view"
	AssetUpload        Right = "asset.upload"
	AssetEdit          Right = "asset.edit"
	AssetDelete        Right = "asset.delete"
	DownloadOriginal   Right = "download.original"
	DownloadProxy      Right = "download.proxy"
	DownloadAttachment Right = "download.attachment"
	LinkPublic         Right = "link.public"
	LinkDownload       Right = "link.download"
	LinkManageAll      Right = "link.manage_all"
	CollectionCreate   Right = "collection.create"
	Admin              Right = "admin"
)

// Role is a named set of rights. The zero value has none.
type Role string

const (
	RoleViewer      Role = "viewer"
	RoleContributor Role = "contributor"
	RoleEditor      Role = "editor"
	RoleManager     Role = "manager"
	RoleAdmin       Role = "admin"
)

var roleRights = map[Role][]Right{
	RoleViewer:      {AssetView, DownloadProxy},
	RoleContributor: {AssetView, DownloadProxy, AssetUpload, CollectionCreate},
	RoleEditor: {AssetView, DownloadProxy, AssetUpload, CollectionCreate, AssetEdit, AssetDelete,
		DownloadOriginal, DownloadAttachment, LinkPublic, LinkDownload},
	RoleManager: {AssetView, DownloadProxy, AssetUpload, CollectionCreate, AssetEdit, AssetDelete,
		DownloadOriginal, DownloadAttachment, LinkPublic, LinkDownload, LinkManageAll},
	RoleAdmin: {AssetView, DownloadProxy, AssetUpload, CollectionCreate, AssetEdit, AssetDelete,
		DownloadOriginal, DownloadAttachment, LinkPublic, LinkDownload, LinkManageAll, Admin},
}

// Roles lists the five roles, the weakest first.
func Roles() []Role {
	return []Role{RoleViewer, RoleContributor, RoleEditor, RoleManager, RoleAdmin}
}

// Rights lists what a role may do; none for an unknown role.
func (r Role) Rights() []Right { return slices.Clone(roleRights[r]) }

// Valid says whether the role is one of the five.
func (r Role) Valid() bool { return roleRights[r] != nil }

// Has says whether the viewer's role holds a right.
func (v Viewer) Has(right Right) bool { return slices.Contains(roleRights[v.Role], right) }

// Require refuses a viewer without the right.
// Errors: Unauthenticated for nobody, Forbidden for a role without it.
func (v Viewer) Require(right Right) error {
	if !v.SignedIn() {
		return &Error{Kind: Unauthenticated, Msg: "Sign in to do this."}
	}
	if !v.Has(right) {
		return &Error{Kind: Forbidden, Msg: "Your role does not allow this (" + string(right) + ")."}
	}
	return nil
}

// Sees says whether the asset exists for the viewer. A restricted asset exists for its owner, for
// the readers it names and for administrators. store/reach.go says the same in SQL; a test holds
// the two together.
func (v Viewer) Sees(a Asset) bool {
	if !v.Has(AssetView) {
		return false
	}
	return !a.Restricted || a.OwnerID == v.ID || v.Has(Admin) || slices.Contains(a.Readers, v.ID)
}

// May says whether the viewer may use a right on an asset. What the viewer does not see does not
// exist. Contributors edit and delete their own assets without holding the general rights.
// Errors: Unauthenticated, NotFound, Forbidden.
func May(v Viewer, right Right, a Asset) error {
	if err := v.Require(AssetView); err != nil {
		return err
	}
	if !v.Sees(a) {
		return &Error{Kind: NotFound, Msg: "There is no such asset."}
	}
	own := a.OwnerID == v.ID && v.Has(AssetUpload)
	if own && (right == AssetEdit || right == AssetDelete) {
		return nil
	}
	return v.Require(right)
}

// MayManage says whether the viewer may see, edit and delete a link: its owner or a manager.
// Others learn nothing. Errors: Unauthenticated, NotFound.
func MayManage(v Viewer, l Link) error {
	if err := v.Require(AssetView); err != nil {
		return err
	}
	if l.OwnerID != v.ID && !v.Has(LinkManageAll) {
		return &Error{Kind: NotFound, Msg: "There is no such link."}
	}
	return nil
}

// SeesCollection says whether a collection exists for the viewer: a personal one for its owner
// and for administrators, a shared one for everybody signed in.
func (v Viewer) SeesCollection(c Collection) bool {
	if !v.Has(AssetView) {
		return false
	}
	return c.Kind == CollectionShared || c.OwnerID == v.ID || v.Has(Admin)
}

// MayEditCollection says whether the viewer may change a collection: its owner, or an administrator.
// Errors: NotFound, Forbidden.
func MayEditCollection(v Viewer, c Collection) error {
	if !v.SeesCollection(c) {
		return &Error{Kind: NotFound, Msg: "There is no such collection."}
	}
	if c.OwnerID != v.ID && !v.Has(Admin) {
		return &Error{Kind: Forbidden, Msg: "Only the owner of the collection can change it."}
	}
	return nil
}
