// Package activity records what is done with a lake as events in the shape of CloudTrail's: who asked for what,
// whether it was allowed, and what it cost. Noting an event takes next to no time. A goroutine writes the noted
// events in batches, through a function that the lake supplies.
package activity

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Event is something that was done with the lake, or refused.
type Event struct {
	At     time.Time
	Source string // the eventSource, such as cloudtrail.amazonaws.com
	Name   string // the eventName, such as StartQuery
	Type   string // the eventType: APICall or ServiceEvent
	By     Asker
	// RequestID is the one that the client knows; "": none.
	RequestID string
	ReadOnly  bool
	// Parameters are those of the request, without secrets; see Parameters.
	Parameters json.RawMessage
	// Response is what a request that changed something was answered, in the form of Parameters.
	Response json.RawMessage
	// ErrorCode and ErrorMessage say why it was not done; "": it was.
	ErrorCode, ErrorMessage string
	// Denied says that the asker has no right to it.
	Denied bool
	// StoreIDs are the event data stores that it is about.
	StoreIDs []string
	// Data says what it cost, and holds whatever has no member of its own.
	Data map[string]any
}

// The types of events.
const (
	APICall      = "AwsApiCall"
	ServiceEvent = "AwsServiceEvent"
)

// Asker is who asks, and from where. What is not known is empty.
type Asker struct {
	KeyID       string // of the access key; "": there was none
	Principal   string // ARN of the key's principal
	PrincipalID string
	AccountID   string
	IsRoot      bool
	IsOwner     bool   // the lake's owner, who needs no key
	UserName    string // unproven unless there is a key
	IP          string
	Program     string // the user agent
}

// The limits of CloudTrail's records: what is longer is cut off, or left out.
const (
	maxFieldBytes      = 1 << 10   // userAgent, errorCode, errorMessage, requestID
	maxParametersBytes = 100 << 10 // requestParameters, which are left out
	// MaxStatementCharacters is how much of a statement an event has.
	MaxStatementCharacters = 10_000
	maxStores              = 100
)

// record is the JSON of an event. Its members are in the order of the guide.
type record struct {
	EventVersion        string          `json:"eventVersion"`
	UserIdentity        userIdentity    `json:"userIdentity"`
	EventTime           string          `json:"eventTime"`
	EventSource         string          `json:"eventSource"`
	EventName           string          `json:"eventName"`
	AWSRegion           string          `json:"awsRegion"`
	SourceIPAddress     string          `json:"sourceIPAddress,omitempty"`
	UserAgent           string          `json:"userAgent,omitempty"`
	ErrorCode           string          `json:"errorCode,omitempty"`
	ErrorMessage        string          `json:"errorMessage,omitempty"`
	RequestParameters   json.RawMessage `json:"requestParameters"`
	ResponseElements    json.RawMessage `json:"responseElements"`
	AdditionalEventData map[string]any  `json:"additionalEventData"`
	RequestID           string          `json:"requestID,omitempty"`
	EventID             string          `json:"eventID"`
	ReadOnly            bool            `json:"readOnly"`
	Resources           []resource      `json:"resources,omitempty"`
	EventType           string          `json:"eventType"`
	ManagementEvent     bool            `json:"managementEvent"`
	RecipientAccountID  string          `json:"recipientAccountId"`
	EventCategory       string          `json:"eventCategory"`
}

type userIdentity struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId,omitempty"`
	ARN         string `json:"arn,omitempty"`
	AccountID   string `json:"accountId,omitempty"`
	AccessKeyID string `json:"accessKeyId,omitempty"`
	UserName    string `json:"userName,omitempty"`
}

type resource struct {
	AccountID string `json:"accountId"`
	Type      string `json:"type"`
	ARN       string `json:"ARN"`
}

// encode writes an event as CloudTrail does.
func (o *Options) encode(e *Event) ([]byte, error) {
	data := map[string]any{"decision": "allowed"}
	if e.Denied {
		data["decision"] = "denied"
	}
	for name, value := range e.Data {
		data[name] = value
	}
	parameters := e.Parameters
	if len(parameters) > maxParametersBytes {
		parameters = nil
		data["requestParametersOmitted"] = true
	}
	response := e.Response
	if len(response) > maxParametersBytes {
		response = nil
		data["responseElementsOmitted"] = true
	}
	r := record{
		EventVersion: "1.11", UserIdentity: o.identityOf(&e.By), EventTime: e.At.UTC().Format("2006-01-02T15:04:05Z"), EventSource: e.Source, EventName: e.Name,
		AWSRegion: o.Region, SourceIPAddress: e.By.IP, UserAgent: cut(e.By.Program), ErrorCode: cut(e.ErrorCode), ErrorMessage: cut(e.ErrorMessage),
		RequestParameters: parameters, ResponseElements: response, AdditionalEventData: data, RequestID: cut(e.RequestID), EventID: uuid.NewString(), ReadOnly: e.ReadOnly,
		EventType: e.Type, ManagementEvent: true, RecipientAccountID: o.AccountID, EventCategory: "Management",
	}
	for _, id := range e.StoreIDs[:min(len(e.StoreIDs), maxStores)] {
		if arn := o.StoreARN(id); arn != "" {
			r.Resources = append(r.Resources, resource{o.AccountID, "AWS::CloudTrail::EventDataStore", arn})
		}
	}
	return json.Marshal(&r)
}

// identityOf returns the userIdentity of the asker: that of the key's principal, if there is a key.
func (o *Options) identityOf(by *Asker) userIdentity {
	out := userIdentity{PrincipalID: by.PrincipalID, ARN: by.Principal, AccountID: by.AccountID, AccessKeyID: by.KeyID, UserName: cut(by.UserName)}
	_, user, isUser := strings.Cut(by.Principal, ":user/")
	switch {
	case by.IsRoot:
		out.Type = "Root"
	case by.IsOwner:
		out.Type, out.PrincipalID, out.AccountID = "Root", "owner", o.AccountID
	case isUser:
		out.Type, out.UserName = "IAMUser", user[strings.LastIndexByte(user, '/')+1:]
	case strings.Contains(by.Principal, ":assumed-role/"):
		out.Type = "AssumedRole"
	case by.Principal != "":
		out.Type = "AWSAccount"
	default:
		out.Type = "Unknown"
	}
	return out
}

// cut is a text of at most maxFieldBytes, in whole characters.
func cut(text string) string {
	if len(text) <= maxFieldBytes {
		return text
	}
	end := maxFieldBytes
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
