package blob

import (
	"context"
	"errors"
	"net/http"
	"syscall"

	"github.com/minio/minio-go/v7"

	"vitrine/internal/dam"
)

const missing = "The bytes are not in the storage."

// storageError gives an error of the disk or of S3 its kind: full, absent, or not to be had now.
func storageError(err error) error {
	var known *dam.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, full) {
			return &dam.Error{Kind: dam.StorageFull, Msg: "The storage is full. Nothing was kept.", Err: err}
		}
	}
	var answer minio.ErrorResponse
	if errors.As(err, &answer) {
		switch {
		case answer.Code == "NoSuchKey":
			return &dam.Error{Kind: dam.NotFound, Msg: missing, Err: err}
		case answer.StatusCode == http.StatusInsufficientStorage, answer.Code == "QuotaExceeded",
			answer.Code == "XMinioStorageFull":
			return &dam.Error{Kind: dam.StorageFull, Msg: "The storage is full. Nothing was kept.", Err: err}
		}
	}
	return &dam.Error{Kind: dam.Unavailable, Msg: "The storage does not answer.", Err: err}
}
