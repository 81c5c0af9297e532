package awsapi_test

import (
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/server/awsapi/model"
)

// answeredErrors are the errors that the tests of this process were answered: answeredError, true.
var answeredErrors sync.Map

type answeredError struct{ operation, code string }

// No test leaves a goroutine: whoever starts one waits for it. When all tests have run, each error that the API documents was answered, or there is a reason
// why it is not.
func TestMain(m *testing.M) {
	process.TempInMemory()
	uuid.SetRand(&processIDs)
	code := m.Run()
	if code == 0 && flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == "" && flag.Lookup("test.fuzz").Value.String() == "" && !testing.Short() {
		code = checkErrors()
	}
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// checkErrors prints the errors that are neither answered nor known as never answered, and returns the exit code.
func checkErrors() (code int) {
	for _, service := range model.Services() {
		for operation, o := range service.Operations {
			for _, failure := range o.Errors {
				_, isAnswered := answeredErrors.Load(answeredError{operation, failure})
				if !isAnswered && neverAnswered[failure] == "" && neverOfTrails[failure] == "" && neverAnsweredBy[operation][failure] == "" {
					fmt.Fprintf(os.Stderr, "%s: no test has it answer %s, and there is no reason why not\n", operation, failure)
					code = 1
				}
			}
		}
	}
	return code
}
