package gen

import (
	"strings"
	"time"
)

// append writes the event as one JSON record into the event's buffer.
// Members stand in the order in which the service writes them.
func (e *event) append(failed *failure) []byte {
	a := e.action
	b := append(e.buf[:0], `{"eventVersion":"`...)
	b = append(b, version(a.service)...)
	b = append(b, `","userIdentity":`...)
	b = e.appendIdentity(b)
	b = append(b, `,"eventTime":"`...)
	b = appendTime(b, e.time)
	b = append(b, `","eventSource":"`...)
	b = append(b, a.service...)
	b = append(b, `.amazonaws.com","eventName":"`...)
	b = append(b, a.name...)
	b = append(b, `","awsRegion":"`...)
	b = append(b, e.region...)
	b = e.appendOrigin(b)

	e.drawRequestID()
	if failed != nil {
		b = e.appendFailure(b, failed)
	}
	b = append(b, `,"requestParameters":`...)
	b = a.request.append(e, b)
	b = append(b, `,"responseElements":`...)
	response := a.response
	if failed != nil {
		response = failed.response
	}
	b = response.append(e, b)
	if a.extra != nil {
		b = append(b, `,"additionalEventData":`...)
		b = a.extra.append(e, b)
	}
	if a.service != "signin" && a.details == nil {
		b = append(b, `,"requestID":"`...)
		b = append(b, e.requestID...)
		b = append(b, '"')
	}
	b = append(b, `,"eventID":"`...)
	b = e.uuid(b)
	b = append(b, `","readOnly":`...)
	b = appendBool(b, a.traits.has(reads))
	if a.resources != nil {
		b = append(b, `,"resources":`...)
		b = a.resources.append(e, b)
	}
	e.buf = e.appendTail(b)
	return e.buf
}

// appendIdentity appends the userIdentity object.
func (e *event) appendIdentity(b []byte) []byte {
	if e.action.details != nil {
		b = append(b, `{"accountId":"`...)
		b = append(b, e.account.id...)
		return append(b, `","invokedBy":"AWS Internal"}`...)
	}
	b = append(b, e.caller.identity...)
	if e.forwardedBy != "" {
		b = append(b, `,"invokedBy":"`...)
		b = append(b, e.forwardedBy...)
		b = append(b, '"')
	}
	return append(b, '}')
}

// appendOrigin appends the address and the program the request came from.
func (e *event) appendOrigin(b []byte) []byte {
	ip, agent := e.caller.ip, e.caller.agent
	if e.forwardedBy != "" {
		ip, agent = e.forwardedBy, e.forwardedBy
	}
	b = append(b, `","sourceIPAddress":"`...)
	b = append(b, ip...)
	b = append(b, `","userAgent":"`...)
	b = append(b, agent...)
	return append(b, '"')
}

func (e *event) appendFailure(b []byte, f *failure) []byte {
	if f.code != "" {
		b = append(b, `,"errorCode":"`...)
		b = append(b, f.code...)
		b = append(b, '"')
	}
	if f.message != nil {
		b = append(b, `,"errorMessage":"`...)
		b = f.message.append(e, b)
		b = append(b, '"')
	}
	return b
}

// appendTail appends what says how the event was recorded.
func (e *event) appendTail(b []byte) []byte {
	a := e.action
	b = append(b, `,"eventType":"`...)
	b = append(b, eventType(a)...)
	b = append(b, '"')
	if a.apiVersion != "" {
		b = append(b, `,"apiVersion":"`...)
		b = append(b, a.apiVersion...)
		b = append(b, '"')
	}
	b = append(b, `,"managementEvent":`...)
	b = appendBool(b, !a.traits.has(data))
	b = append(b, `,"recipientAccountId":"`...)
	b = append(b, e.account.id...)
	b = append(b, '"')
	if e.shared {
		b = append(b, `,"sharedEventID":"`...)
		b = e.uuid(b)
		b = append(b, '"')
	}
	if a.details != nil {
		b = append(b, `,"serviceEventDetails":`...)
		b = a.details.append(e, b)
	}
	if e.delayed {
		b = append(b, `,"addendum":{"reason":"DELIVERY_DELAY"}`...)
	}
	if a.traits.has(data) && a.service != "lambda" && e.chance(120) {
		b = append(b, `,"vpcEndpointId":"vpce-`...)
		b = append(b, e.account.vpcs[0][len("vpc-"):]...)
		b = append(b, '"')
	}
	b = append(b, `,"eventCategory":"`...)
	if a.traits.has(data) {
		b = append(b, `Data"`...)
	} else {
		b = append(b, `Management"`...)
	}
	if a.by != serviceItself && e.forwardedBy == "" && e.caller.ip != e.caller.agent && hasTLS(a.service) {
		b = e.appendTLS(b)
	}
	if e.caller.console && a.service != "signin" {
		b = append(b, `,"sessionCredentialFromConsole":"true"`...)
	}
	return append(b, '}')
}

func (e *event) appendTLS(b []byte) []byte {
	if len(e.caller.agent)%8 == 0 {
		b = append(b, `,"tlsDetails":{"tlsVersion":"TLSv1.2","cipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","clientProvidedHostHeader":"`...)
	} else {
		b = append(b, `,"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"`...)
	}
	a := e.action
	if a.service == "s3" && e.things[bucketThing] > 0 {
		b = append(b, e.account.buckets[e.things[bucketThing]-1]...)
		b = append(b, '.')
	}
	b = append(b, a.service...)
	if !a.traits.has(global) {
		b = append(b, '.')
		b = append(b, e.region...)
	}
	return append(b, `.amazonaws.com"}`...)
}

// drawRequestID draws an id of the form the action's service gives its requests.
func (e *event) drawRequestID() {
	switch e.action.service {
	case "s3":
		e.requestID = e.digits(e.requestID[:0], base36Digits, 16)
	case "dynamodb":
		e.requestID = e.digits(e.requestID[:0], base36Digits, 52)
	default:
		e.requestID = e.uuid(e.requestID[:0])
	}
}

func eventType(a *action) string {
	switch {
	case a.details != nil:
		return "AwsServiceEvent"
	case a.service == "signin":
		return "AwsConsoleSignIn"
	}
	return "AwsApiCall"
}

// hasTLS reports whether a service records details of the connection.
func hasTLS(service string) bool {
	switch service {
	case "logs", "lambda", "elasticloadbalancing", "autoscaling", "health", "ssm", "config", "ecr", "cloudtrail":
		return false
	}
	return true
}

// version is the record format a service writes.
func version(service string) string {
	switch service {
	case "s3", "kms", "dynamodb":
		return "1.11"
	case "signin", "iam", "logs":
		return "1.08"
	}
	return "1.10"
}

// appendTime appends an instant as events write it, to the second.
func appendTime(b []byte, t time.Time) []byte {
	return t.AppendFormat(b, "2006-01-02T15:04:05Z")
}

// filePath is the key under which the service delivers a file of the event's account and region.
func (e *event) filePath(start time.Time) string {
	var p strings.Builder
	p.WriteString("AWSLogs/" + e.account.id + "/CloudTrail/" + e.region + start.Format("/2006/01/02/"))
	p.WriteString(e.account.id + "_CloudTrail_" + e.region + start.Format("_20060102T1504Z_"))
	p.Write(e.digits(nil, base62Digits, 16))
	p.WriteString(".json.gz")
	return p.String()
}
