package media

import (
	"errors"

	"vitrine/internal/dam"
	"vitrine/internal/media/wire"
)

// ErrRefused is in the chain of errors about files that will never be shown: trying again does not
// help. The *dam.Error above it (kind Invalid) says why in a sentence for people.
var ErrRefused = errors.New("refused by the decoder")

// ErrCrashed is in the chain when the child died, answered nonsense or ran out of time: one failed
// attempt. The *dam.Error above it (kind Unavailable) has a sentence for people.
var ErrCrashed = errors.New("decoder crashed")

var sentences = map[wire.Refusal]string{
	wire.TooManyPixels: "This picture has more pixels than can be shown.",
	wire.TooManyPages:  "This file has more frames or pages than can be shown.",
	wire.NotThatFormat: "This file can't be read as a picture: it is damaged or of another kind than it looks.",
	wire.Damaged:       "This file is damaged or was cut short.",
	wire.Unmerged:      "This Photoshop file was saved without a picture of all its layers together.",
	wire.TooHeavy:      "This picture needs more memory than is allowed for showing it.",
}

func refused(why wire.Refusal, detail string) error {
	sentence, known := sentences[why]
	if !known {
		return errOutOfStep
	}
	return &dam.Error{Kind: dam.Invalid, Msg: sentence, Err: detailed(ErrRefused, detail)}
}

// tooSlow is for drawings: a few bytes can ask for work without end, and would at every attempt.
func tooSlow(cause error) error {
	return &dam.Error{
		Kind: dam.Invalid, Msg: "This drawing takes too long to be shown.", Err: detailed(ErrRefused, cause.Error()),
	}
}

func crashed(cause error) error {
	return &dam.Error{
		Kind: dam.Unavailable,
		Msg:  "Reading this file failed: the program that reads it stopped or took too long.",
		Err:  errors.Join(ErrCrashed, cause),
	}
}

func detailed(err error, detail string) error {
	if detail == "" {
		return err
	}
	return errors.Join(err, errors.New(clean(detail, 500)))
}
