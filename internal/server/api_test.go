package server

import (
	"testing"
)

func TestAPictureComesInAndIsShared(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	body, kind := form([2]string{"title", "Before"}, [2]string{"file:фото 1.jpg", string(photo(64, 48, "one"))},
		[2]string{"description", "After"})
	res := s.do(ask{"owner", "POST", "/api/v1/assets", body, map[string]string{"Content-Type": kind}})
	if res.status != 201 {
		t.Fatal(res)
	}
	var a assetJSON
	s.into(res, &a)
	if a.Name != "фото 1.jpg" || a.Title != "Before" || a.Description != "After" || a.Number != "VTR-1" || a.Status != "processing" {
		t.Errorf("%+v", a)
	}
	res = s.do(ask{"owner", "POST", "/api/v1/links", `{"kind":"public","asset_ids":["` + a.ID + `"],"allow":{"original":true}}`, nil})
	t.Log(res)
	res = s.do(ask{"owner", "GET", "/api/v1/assets", "", nil})
	t.Log(res)
	res = s.do(ask{"", "GET", "/api/v1/openapi.json", "", nil})
	t.Log(len(res.body), res.status)
}
