package library

import "vitrine/internal/store"

// The rows and questions that verbs take and give, under the library's name: those who call verbs
// know this room and not the one behind it.
type (
	Page            = store.Page
	AssetQuery      = store.AssetQuery
	CollectionQuery = store.CollectionQuery
	LinkQuery       = store.LinkQuery
	LinkStats       = store.LinkStats
	DayCount        = store.DayCount
	APIToken        = store.APIToken
	AuditEntry      = store.AuditEntry
	UploadState     = store.Upload
	Event           = store.Event
)
