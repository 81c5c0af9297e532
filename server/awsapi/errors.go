package awsapi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi/model"
	"github.com/auditlake/auditlake/server/awsapi/sigv4"
)

// apiError is an error as the client gets it.
type apiError struct{ code, message string }

func (e *apiError) Error() string { return e.code + ": " + e.message }

func fail(code, format string, a ...any) *apiError { return &apiError{code, fmt.Sprintf(format, a...)} }

// The codes that are not in a service's model.
const (
	serviceUnavailable = "ServiceUnavailable"
	internalFailure    = "InternalFailure"
	accessDenied       = "AccessDeniedException"
)

// statusOf returns the status of an error: from the service's model, or the one that AWS uses for all services.
func statusOf(service, code string) int {
	if status := model.Services()[service].Errors[code]; status != 0 {
		return status
	}
	switch code {
	case accessDenied:
		return http.StatusForbidden
	case "RequestEntityTooLargeException":
		return http.StatusRequestEntityTooLarge
	case internalFailure:
		return http.StatusInternalServerError
	case serviceUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// engineErrors maps the lake's errors to the API's.
var engineErrors = []struct {
	err  error
	code string
}{
	{engine.ErrChannelNotFound, "ChannelNotFoundException"},
	{engine.ErrChannelExists, "ChannelAlreadyExistsException"},
	{engine.ErrTooManyChannels, "ChannelMaxLimitExceededException"},
	{engine.ErrChannelSource, "InvalidSourceException"},
	{engine.ErrChannelCategory, "InvalidEventDataStoreCategoryException"},
	{engine.ErrStoreNotFound, "EventDataStoreNotFoundException"},
	{engine.ErrStoreExists, "EventDataStoreAlreadyExistsException"},
	{engine.ErrTooManyStores, "EventDataStoreMaxLimitExceededException"},
	{engine.ErrStoreInactive, "InactiveEventDataStoreException"},
	{engine.ErrStoreStatus, "InvalidEventDataStoreStatusException"},
	{engine.ErrStoreCategory, "InvalidEventDataStoreCategoryException"},
	{engine.ErrTerminationProtect, "EventDataStoreTerminationProtectedException"},
	{engine.ErrStoreHasImport, "EventDataStoreHasOngoingImportException"},
	{engine.ErrStoreFederated, "EventDataStoreFederationEnabledException"},
	{engine.ErrStoreFedByChannel, "ChannelExistsForEDSException"},
	{engine.ErrInsightsNeed, "InvalidInsightSelectorsException"},
	{engine.ErrInsightSelectors, "InvalidInsightSelectorsException"},
	{engine.ErrNotEnriched, "InvalidEventDataStoreCategoryException"},
	{engine.ErrDashboardNotFound, "ResourceNotFoundException"},
	{engine.ErrDashboardExists, "ConflictException"},
	{engine.ErrDashboardProtected, "ConflictException"},
	{engine.ErrDashboardManaged, "UnsupportedOperationException"},
	{engine.ErrDashboardRefreshing, "ServiceQuotaExceededException"},
	{engine.ErrTooManyDashboards, "ServiceQuotaExceededException"},
	{engine.ErrTooManyWidgets, "ServiceQuotaExceededException"},
	{engine.ErrDashboardParameters, "InvalidQueryStatementException"},
	{engine.ErrDashboardName, "ValidationException"},
	{engine.ErrDashboardView, "ValidationException"},
	{engine.ErrDashboardSchedule, "ValidationException"},
	{engine.ErrDashboardValues, "ValidationException"},
	{engine.ErrTrailNotFound, "TrailNotFoundException"},
	{engine.ErrTrailExists, "TrailAlreadyExistsException"},
	{engine.ErrTooManyTrails, "MaximumNumberOfTrailsExceededException"},
	{engine.ErrTrailName, "InvalidTrailNameException"},
	{engine.ErrTrailARN, "CloudTrailARNInvalidException"},
	{engine.ErrTrailHomeRegion, "InvalidHomeRegionException"},
	{engine.ErrTrailBucketName, "InvalidS3BucketNameException"},
	{engine.ErrTrailPrefix, "InvalidS3PrefixException"},
	{engine.ErrTrailTopicName, "InvalidSnsTopicNameException"},
	{engine.ErrTrailLogGroupARN, "InvalidCloudWatchLogsLogGroupArnException"},
	{engine.ErrTrailLogRoleARN, "InvalidCloudWatchLogsRoleArnException"},
	{engine.ErrTrailCombination, "InvalidParameterCombinationException"},
	{engine.ErrTrailSelectors, "InvalidEventSelectorsException"},
	{engine.ErrInvalidSelectors, "InvalidEventSelectorsException"},
	{engine.ErrTooManyTags, "TagsLimitExceededException"},
	{engine.ErrInvalidParameter, "InvalidParameterException"},
	{engine.ErrQueryNotFound, "QueryIdNotFoundException"},
	{engine.ErrQueryOver, "InactiveQueryException"},
	{engine.ErrImportNotFound, "ImportNotFoundException"},
	{engine.ErrImportNotRunning, "InvalidParameterException"},
	{engine.ErrLookupTimeRange, "InvalidTimeRangeException"},
	{engine.ErrLookupAttributes, "InvalidLookupAttributesException"},
	{engine.ErrImportSource, "InvalidImportSourceException"},
	{engine.ErrStoreNotOfTrails, "InvalidEventDataStoreCategoryException"},
	{engine.ErrImportNothingToDo, "InvalidParameterException"},
	{engine.ErrImportNotBackground, "InvalidParameterException"},
	{engine.ErrReadOnly, "OperationNotPermittedException"},
	{engine.ErrStoreProtected, "OperationNotPermittedException"},
	{engine.ErrKeyNotFound, "UnrecognizedClientException"},
	{engine.ErrKeyToken, "UnrecognizedClientException"},
	{engine.ErrKeyExpired, "ExpiredTokenException"},
	{engine.ErrClosed, serviceUnavailable},
}

// deliveryErrors maps the reasons why a result cannot be delivered to StartQuery's errors.
var deliveryErrors = []struct {
	err  error
	code string
}{
	{engine.ErrBucketName, "InvalidS3BucketNameException"},
	{engine.ErrDeliveryPrefix, "InvalidS3PrefixException"},
	{engine.ErrNoSuchBucket, "S3BucketDoesNotExistException"},
	{engine.ErrBucketAccessDenied, "InsufficientS3BucketPolicyException"},
}

// signatureErrors maps the reasons of sigv4 to the API's errors.
var signatureErrors = map[sigv4.Reason]string{
	sigv4.MissingAuthentication: "MissingAuthenticationTokenException",
	sigv4.IncompleteSignature:   "IncompleteSignatureException",
	sigv4.InvalidSignature:      "InvalidSignatureException",
}

// memberErrors are the codes for a member that violates its shape, if the operation has one of them.
var memberErrors = map[string][]string{
	"MaxResults":             {"InvalidMaxResultsException"},
	"MaxQueryResults":        {"InvalidMaxResultsException"},
	"NextToken":              {"InvalidNextTokenException", "InvalidTokenException"},
	"EventDataStore":         {"EventDataStoreARNInvalidException"},
	"Channel":                {"ChannelARNInvalidException"},
	"ResourceArn":            {"ResourceARNNotValidException"},
	"ResourceId":             {"CloudTrailARNInvalidException"},
	"ResourceIdList":         {"CloudTrailARNInvalidException"},
	"ResourcePolicy":         {"ResourcePolicyNotValidException"},
	"AdvancedEventSelectors": {"InvalidEventSelectorsException"},
	"EventSelectors":         {"InvalidEventSelectorsException"},
	"InsightSelectors":       {"InvalidInsightSelectorsException"},
	"TagsList":               {"InvalidTagParameterException"},
	"Tags":                   {"InvalidTagParameterException"},
	"QueryStatus":            {"InvalidQueryStatusException"},
	"DeliveryS3Uri":          {"InvalidS3BucketNameException"},
	"ImportSource":           {"InvalidImportSourceException"},
	"Source":                 {"InvalidSourceException"},
	"KmsKeyId":               {"InvalidKmsKeyIdException"},
	"EventCategory":          {"InvalidEventCategoryException"},
	"LookupAttributes":       {"InvalidLookupAttributesException"},
	"channelArn":             {"InvalidChannelARN"},
}

// errorOf converts any error for the client. Of an error that is not its fault, the client learns at most that the
// disk is full, and gets the request id, under which the log has the details.
func (d *Door) errorOf(c *call, err error) *apiError {
	var known *apiError
	var signature *sigv4.Error
	var denied *access.Denied
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, access.ErrTooManyAttempts):
		return fail("ThrottlingException", "%s", oneLine(err.Error()))
	case errors.As(err, &denied):
		return fail(accessDenied, "User: %s is not authorized to perform: %s on resource: %s: %s", denied.User, denied.Action, denied.Resource, oneLine(denied.Reason))
	case errors.As(err, &signature):
		return &apiError{signatureErrors[signature.Reason], signature.Message}
	case errors.Is(err, engine.ErrKeyNotFound), errors.Is(err, engine.ErrKeyToken):
		return fail("UnrecognizedClientException", "The security token included in the request is invalid.")
	case errors.Is(err, engine.ErrKeyExpired):
		return fail("ExpiredTokenException", "The security token included in the request is expired")
	}
	for _, e := range engineErrors {
		if errors.Is(err, e.err) {
			return &apiError{e.code, oneLine(err.Error())}
		}
	}
	if engine.IsDiskFull(err) {
		d.log.Error("a request of the AWS API found the disk full", "operation", c.operation, "request", c.id, "error", err)
		return fail(serviceUnavailable, "The lake's disk is full. Free some space, then try again; the server's log has details under request %s.", c.id)
	}
	d.log.Error("a request of the AWS API failed", "operation", c.operation, "request", c.id, "error", err)
	return fail(internalFailure, "An internal error has occurred; the server's log has details under request %s.", c.id)
}

// violationError returns the operation's error for a violation of its shape.
func violationError(o *model.Operation, v *model.Violation) *apiError {
	if v.Kind == model.Malformed {
		return &apiError{"SerializationException", v.Message}
	}
	for _, code := range append(slices.Clone(memberErrors[v.Member]), "InvalidParameterException") {
		if slices.Contains(o.Errors, code) {
			return &apiError{code, v.Message}
		}
	}
	return &apiError{"ValidationException", v.Message}
}

// maxMessageCharacters is the limit of the shapes with a message.
const maxMessageCharacters = 1000

// oneLine makes a message fit these shapes: no line breaks, and not too long.
func oneLine(message string) string {
	message = strings.Join(strings.FieldsFunc(message, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
	if utf8.RuneCountInString(message) <= maxMessageCharacters {
		return message
	}
	return string([]rune(message)[:maxMessageCharacters-1]) + "…"
}
