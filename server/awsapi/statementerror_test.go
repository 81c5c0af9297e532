package awsapi

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

func TestStatementError(t *testing.T) {
	disk := errors.New("the disk is gone")
	require.Equal(t, disk, statementError(disk))
	require.Equal(t, &apiError{"InvalidQueryStatementException", "SYNTAX_ERROR: no such word"},
		statementError(&engine.Error{Name: "SYNTAX_ERROR", Message: "no such word"}))
	require.Equal(t, &apiError{"MaxConcurrentQueriesException", "Too many queries wait"},
		statementError(&engine.Error{Name: "QUERY_QUEUE_FULL", Message: "Too many queries wait"}))
}
