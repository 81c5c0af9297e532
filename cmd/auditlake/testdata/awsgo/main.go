// Command awsgo drives a running `auditlake serve` with the AWS SDK for Go: awsgo queries|terraform|paginators.
// Server and key are those of the environment. It is a module of its own, so that the program does not need the SDK's
// client of CloudTrail.
package main

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
)

func main() {
	checks := map[string]func(context.Context, *cloudtrail.Client) error{
		"queries": checkQueries, "terraform": checkTerraform, "paginators": checkPaginators,
	}
	if len(os.Args) != 2 || checks[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: awsgo queries|terraform|paginators")
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	from, err := config.LoadDefaultConfig(ctx)
	if err == nil {
		err = checks[os.Args[1]](ctx, cloudtrail.NewFromConfig(from))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "awsgo:", err)
		os.Exit(1)
	}
	fmt.Println("ok", os.Args[1])
}

// same wants a value.
func same(what string, got, want any) error {
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%s: got %+v, want %+v", what, got, want)
	}
	return nil
}

// until asks until it is told that it is enough.
func until(ctx context.Context, what string, ask func() (enough bool, err error)) error {
	for {
		enough, err := ask()
		if err != nil || enough {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
