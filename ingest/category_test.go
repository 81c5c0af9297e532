package ingest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/schema"
)

func TestCheckCategory(t *testing.T) {
	require.Nil(t, CheckCategory(schema.Management, []byte("Data")))
	require.Nil(t, CheckCategory(schema.Evidence, []byte("Evidence")))
	require.Equal(t, &Failure{Reason: WrongCategory, Message: `the event is of the category "Evidence", the store takes Management events`},
		CheckCategory(schema.Management, []byte("Evidence")))
	require.Equal(t, &Failure{Reason: WrongCategory, Message: "the event has no eventCategory, the store takes Evidence events"},
		CheckCategory(schema.Evidence, nil))
}
