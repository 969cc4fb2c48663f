package server

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

func TestTheDescriptionIsWholeAndSound(t *testing.T) {
	s := newSite(t, sqlite(t))
	got := s.do(ask{method: "GET", path: "/api/v1/openapi.json"})
	var doc struct {
		OpenAPI string
		Info    struct{ Title, Version string }
		Servers []struct{ URL string }
		Paths   map[string]map[string]struct {
			OperationID string
			Summary     string
			Security    []map[string][]string
			Responses   map[string]struct{ Description string }
			Parameters  []struct{ Name, In string }
		}
		Components struct {
			Schemas map[string]json.RawMessage
		}
	}
	s.into(got, &doc)
	if got.status != 200 || doc.OpenAPI != "3.1.0" || doc.Info.Title == "" || doc.Info.Version == "" || len(doc.Servers) != 1 {
		t.Fatalf("%d %+v", got.status, doc.Info)
	}
	ids := map[string]string{}
	for _, rt := range s.server.Routes() {
		if !strings.HasPrefix(rt.Path(), apiPrefix+"/") {
			continue
		}
		op, ok := doc.Paths[rt.Path()][strings.ToLower(rt.Method())]
		if !ok {
			t.Errorf("%s is not described", rt.Pattern)
			continue
		}
		if op.Summary == "" || op.OperationID == "" || ids[op.OperationID] != "" {
			t.Errorf("%s: operation %q, summary %q, also %s", rt.Pattern, op.OperationID, op.Summary, ids[op.OperationID])
		}
		ids[op.OperationID] = rt.Pattern
		if (len(op.Security) == 0) != (rt.Class == open) {
			t.Errorf("%s (%s): security %v", rt.Pattern, rt.Class, op.Security)
		}
		success := false
		for status, answer := range op.Responses {
			success = success || strings.HasPrefix(status, "2")
			if answer.Description == "" {
				t.Errorf("%s: %s says nothing", rt.Pattern, status)
			}
		}
		if _, problem := op.Responses["default"]; !success || !problem {
			t.Errorf("%s: answers %v", rt.Pattern, op.Responses)
		}
	}
	for _, ref := range regexp.MustCompile(`"\$ref": ?"([^"]+)"`).FindAllStringSubmatch(got.body, -1) {
		name, inside := strings.CutPrefix(ref[1], "#/components/schemas/")
		if _, ok := doc.Components.Schemas[name]; !inside || !ok {
			t.Errorf("%s leads nowhere", ref[1])
		}
	}
	for name := range doc.Components.Schemas {
		if strings.Contains(name, "JSON") || strings.HasSuffix(name, "Body") {
			t.Errorf("the schema %s has a name of the program's inside", name)
		}
	}
	if strings.Contains(got.body, "$schema") || strings.Contains(got.body, "ErrorModel") {
		t.Error("describes what we never send")
	}
}
