package blob_test

import (
	"testing"

	"vitrine/internal/blob"
	"vitrine/internal/blob/blobtest"
	"vitrine/internal/dam"
	"vitrine/internal/testkit"
)

func TestStore(t *testing.T) {
	t.Run("disk", func(t *testing.T) {
		blobtest.Suite(t, func(t *testing.T) blob.Store { return openURL(t, "file:"+t.TempDir()) })
	})
	t.Run("memory before a disk", func(t *testing.T) {
		blobtest.Suite(t, func(t *testing.T) blob.Store { return blob.Remember(openURL(t, "file:"+t.TempDir()), 1<<20) })
	})
	t.Run("s3", func(t *testing.T) {
		blobtest.Suite(t, func(t *testing.T) blob.Store { return openURL(t, testkit.S3(t)) })
	})
}

func openURL(t *testing.T, url string) blob.Store {
	t.Helper()
	s, err := blob.OpenURL(t.Context(), url, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAStorageURLIsRefusedWithTheFieldNamed(t *testing.T) {
	for _, url := range []string{
		"", "data", "/data", "file:", "http://127.0.0.1:7070/bucket", "s3:", "s3://", "s3://bucket",
		"s3://bucket?region=us-east-1", "s3://bucket?endpoint=127.0.0.1:7070", "s3://bucket?endpoint=ftp://127.0.0.1",
		"s3://bucket?endpoint=http://127.0.0.1/path", "s3://bu?endpoint=http://127.0.0.1",
		"s3://key:secret@bucket?endpoint=http://127.0.0.1", "s3://bucket/prefix?endpoint=http://127.0.0.1",
		"s3://bucket?endpoint=http://127.0.0.1&secret=x", "s3://bucket?endpoint=%zz",
	} {
		_, err := blob.OpenURL(t.Context(), url, t.TempDir())
		if dam.KindOf(err) != dam.Invalid {
			t.Errorf("%q: got %v, want an invalid field", url, err)
		}
	}
}

func TestAnS3ServerThatIsNotThereIsUnavailable(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "x")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "x")
	_, err := blob.OpenURL(t.Context(), "s3://bucket?endpoint=http://127.0.0.1:1", t.TempDir())
	if dam.KindOf(err) != dam.Unavailable {
		t.Errorf("got %v, want unavailable", err)
	}
}
