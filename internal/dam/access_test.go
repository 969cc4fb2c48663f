package dam

import "testing"

func TestMaySaysWhoMayDoWhat(t *testing.T) {
	own := Asset{ID: "a", OwnerID: "c"}
	private := Asset{ID: "p", OwnerID: "x", Restricted: true, Readers: []string{"v"}}
	viewer := Viewer{ID: "v", Role: RoleViewer}
	contributor := Viewer{ID: "c", Role: RoleContributor}
	for _, c := range []struct {
		name  string
		v     Viewer
		right Right
		asset Asset
		want  Kind
	}{
		{"nobody sees nothing", Viewer{}, AssetView, own, Unauthenticated},
		{"an unknown role has no right", Viewer{ID: "z", Role: "king"}, AssetView, own, Forbidden},
		{"a viewer sees", viewer, AssetView, own, Internal},
		{"a viewer downloads proxies", viewer, DownloadProxy, own, Internal},
		{"a viewer does not download originals", viewer, DownloadOriginal, own, Forbidden},
		{"a viewer makes no links", viewer, LinkPublic, own, Forbidden},
		{"a named reader sees a restricted asset", viewer, AssetView, private, Internal},
		{"for others a restricted asset does not exist", contributor, AssetView, private, NotFound},
		{"for others it does not exist whatever they try", editor, AssetDelete, private, NotFound},
		{"an administrator sees a restricted asset", Viewer{ID: "b", Role: RoleAdmin}, AssetView, private, Internal},
		{"a contributor edits the own asset", contributor, AssetEdit, own, Internal},
		{"a contributor does not edit another's", Viewer{ID: "d", Role: RoleContributor}, AssetEdit, own, Forbidden},
		{"a contributor makes no links of the own asset", contributor, LinkPublic, own, Forbidden},
		{"a demoted owner loses the right to edit", Viewer{ID: "c", Role: RoleViewer}, AssetEdit, own, Forbidden},
		{"an editor edits", editor, AssetEdit, own, Internal},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := KindOf(May(c.v, c.right, c.asset)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestRightsGrowWithTheRole(t *testing.T) {
	held := map[Right]bool{}
	for _, role := range Roles() {
		for right := range held {
			if !(Viewer{ID: "u", Role: role}).Has(right) {
				t.Errorf("%s lacks %s, which a weaker role has", role, right)
			}
		}
		for _, right := range role.Rights() {
			held[right] = true
		}
	}
	if len(held) != 12 {
		t.Errorf("the roles use %d rights, want 12", len(held))
	}
}

func TestOnlyOwnersAndManagersManageALink(t *testing.T) {
	link := Link{ID: "l", OwnerID: "e"}
	for _, c := range []struct {
		name string
		v    Viewer
		want Kind
	}{
		{"nobody", Viewer{}, Unauthenticated},
		{"its owner", editor, Internal},
		{"another editor learns nothing", Viewer{ID: "f", Role: RoleEditor}, NotFound},
		{"a manager", Viewer{ID: "m", Role: RoleManager}, Internal},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := KindOf(MayManage(c.v, link)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestNumbersAreReadAsPeopleTypeThem(t *testing.T) {
	for text, want := range map[string]int64{
		"VTR-485": 485, " vtr-7 ": 7, "VTR-": 0, "VTR-0": 0, "VTR--5": 0, "VTR-+5": 0, "PCV-5": 0, "485": 0, "": 0, "VTR-99999999999999999999": 0,
	} {
		if got, ok := ParseNumber("VTR", text); ok != (want > 0) || ok && got != want {
			t.Errorf("%q: got %d, %v", text, got, ok)
		}
	}
}
