package object

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
)

// Credentials are keys that were found elsewhere. Printing or logging them shows nothing.
type Credentials struct {
	AccessKeyID, SecretAccessKey string
	SessionToken                 string // of a role, else ""
}

const hidden = "(hidden)"

// String implements fmt.Stringer.
func (Credentials) String() string { return hidden }

// GoString implements fmt.GoStringer.
func (Credentials) GoString() string { return hidden }

// LogValue implements slog.LogValuer.
func (Credentials) LogValue() slog.Value { return slog.StringValue(hidden) }

// errPartialCredentials are handed-over credentials without a key or its secret.
var errPartialCredentials = errors.New("object storage: an access key without its secret, or a secret without its key")

// Resolve returns options with which a client of another process does what a client of this one would. Region,
// server and credentials are filled in from this process's environment, profiles or role. Role credentials end when
// they expire.
func Resolve(ctx context.Context, o Options) (Options, error) {
	client, err := NewClient(ctx, o)
	if err != nil {
		return Options{}, err
	}
	settings := client.s3.Options()
	found, err := settings.Credentials.Retrieve(ctx)
	if err != nil {
		return Options{}, fmt.Errorf("%w (%w)", ErrNoCredentials, err)
	}
	return Options{
		Region: client.region, EndpointURL: aws.ToString(settings.BaseEndpoint),
		Credentials: &Credentials{AccessKeyID: found.AccessKeyID, SecretAccessKey: found.SecretAccessKey, SessionToken: found.SessionToken},
	}, nil
}

// settings returns this process's settings, or, if credentials are given, only the settings given with them.
func (o Options) settings(ctx context.Context) (aws.Config, error) {
	if c := o.Credentials; c != nil {
		if c.AccessKeyID == "" || c.SecretAccessKey == "" {
			return aws.Config{}, errPartialCredentials
		}
		given := credentials.NewStaticCredentialsProvider(c.AccessKeyID, c.SecretAccessKey, c.SessionToken)
		return aws.Config{Region: o.Region, Retryer: newRetryer, Credentials: given}, nil
	}
	settings, err := config.LoadDefaultConfig(ctx, func(l *config.LoadOptions) error {
		l.Region, l.Retryer, l.SharedConfigProfile = o.Region, newRetryer, o.Profile
		l.Logger = logging.Nop{} // the error says what is wrong
		return nil
	})
	if err != nil {
		return settings, fmt.Errorf("settings of AWS clients: %w", err)
	}
	if _, err := settings.Credentials.Retrieve(ctx); err != nil {
		return settings, fmt.Errorf("%w (%w)", ErrNoCredentials, err)
	}
	return settings, nil
}

// Role is a role to assume before a bucket is used.
type Role struct {
	ARN        string
	ExternalID string // "": none
	// STSEndpointURL is a server other than AWS; "": AWS.
	STSEndpointURL string
}

// roleSession names the sessions of assumed roles in the logs of the accounts that grant them.
const roleSession = "auditlake"

// credentials are those of the role. They are requested when needed, and again before they expire.
func (r *Role) credentials(base aws.Config) aws.CredentialsProvider {
	client := sts.NewFromConfig(base, func(s *sts.Options) {
		s.BaseEndpoint = nil
		if r.STSEndpointURL != "" {
			s.BaseEndpoint = aws.String(r.STSEndpointURL)
		}
	})
	return aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, r.ARN, func(a *stscreds.AssumeRoleOptions) {
		a.RoleSessionName = roleSession
		if r.ExternalID != "" {
			a.ExternalID = aws.String(r.ExternalID)
		}
	}))
}
