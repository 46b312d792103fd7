{{/* A resource's name: the release's and the component's. */}}
{{- define "wheelhouse.name" -}}
{{- printf "%s-%s" (.root.Release.Name | trunc 50 | trimSuffix "-") .component -}}
{{- end -}}

{{/* What a component's pods are found by; it may never change. */}}
{{- define "wheelhouse.selector" -}}
app.kubernetes.io/name: wheelhouse
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "wheelhouse.labels" -}}
{{ include "wheelhouse.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "wheelhouse.image" -}}
{{- $registry := required "image.registry: say where the images lie, such as ghcr.io/example/wheelhouse" .root.Values.image.registry -}}
{{- printf "%s/%s:%s" $registry .image (.root.Values.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}

{{/* What every pod is not allowed. */}}
{{- define "wheelhouse.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "wheelhouse.containerSecurity" -}}
readOnlyRootFilesystem: true
allowPrivilegeEscalation: false
capabilities: { drop: [ALL] }
{{- end -}}

{{/* Where a pod runs: spread over nodes and zones as far as can be. */}}
{{- define "wheelhouse.place" -}}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "wheelhouse.selector" $ | nindent 8 }}
{{- end }}
{{- end -}}

{{/* The settings of the API and the workers. Secrets are files, never variables. */}}
{{- define "wheelhouse.settings" -}}
{{- $values := .root.Values -}}
{{- $settings := dict
      "WHEELHOUSE_SERVER__PUBLIC_URL" (required "publicUrl: give the address of the portal, such as https://wheelhouse.example.org" $values.publicUrl)
      "WHEELHOUSE_SERVER__TRUSTED_PROXIES" (join "," $values.trustedProxies)
      "WHEELHOUSE_DATABASE__URL_FILE" "/run/secrets/wheelhouse/database_url"
      "WHEELHOUSE_DATABASE__MAX_CONNECTIONS" ($values.database.maxConnections | toString)
      "WHEELHOUSE_REDIS__URL_FILE" "/run/secrets/wheelhouse/redis_url"
      "WHEELHOUSE_VAULT__KEY_FILE" "/run/secrets/wheelhouse/vault.key"
      "WHEELHOUSE_AUDIT__CHECKPOINT_DIR" "/var/lib/wheelhouse/audit"
      "WHEELHOUSE_REPORTS__DIR" "/var/lib/wheelhouse/reports"
      "WHEELHOUSE_WORKER__DRAIN_SECONDS" ($values.drainSeconds | toString)
      "WHEELHOUSE_METRICS__LISTEN" "0.0.0.0:9464"
-}}
{{- if $values.ai.enabled -}}
{{- $_ := set $settings "WHEELHOUSE_AI__URL" (printf "http://%s:8090" (include "wheelhouse.name" (dict "root" .root "component" "ai"))) -}}
{{- end -}}
{{- if $values.database.replicaSecret -}}
{{- $_ := set $settings "WHEELHOUSE_DATABASE__REPLICA_URL_FILE" "/run/secrets/wheelhouse/replica_url" -}}
{{- end -}}
{{- if $values.redis.caKey -}}
{{- $_ := set $settings "WHEELHOUSE_REDIS__CA_FILE" "/run/secrets/wheelhouse/redis_ca.pem" -}}
{{- end -}}
{{- if $values.backup.enabled -}}
{{- $_ := set $settings "WHEELHOUSE_BACKUP__DIR" "/var/backups/wheelhouse" -}}
{{- end -}}
{{- range $values.secretConfig -}}
{{- $_ := set $settings (printf "%s_FILE" .setting) (printf "/run/secrets/wheelhouse/%s" (.setting | lower)) -}}
{{- end -}}
{{- range $name, $value := merge (.more | default dict) $values.config $settings }}
- { name: {{ $name }}, value: {{ $value | toString | quote }} }
{{- end }}
{{- end -}}

{{/* Of the other settings, those that a tier without database and AWS has, too: how it tells of itself, and of the model (`and`). */}}
{{- define "wheelhouse.isToldOf" -}}
{{- $told := "" -}}
{{- range concat (list "WHEELHOUSE_TELEMETRY__" "WHEELHOUSE_TRACES__" "WHEELHOUSE_ERRORS__") .and -}}
{{- if hasPrefix . $.setting -}}{{- $told = "yes" -}}{{- end -}}
{{- end -}}
{{- $told -}}
{{- end -}}

{{- define "wheelhouse.told" -}}
{{- $settings := dict -}}
{{- range $name, $value := .root.Values.config -}}
{{- if include "wheelhouse.isToldOf" (dict "setting" $name "and" $.and) -}}{{- $_ := set $settings $name $value -}}{{- end -}}
{{- end -}}
{{- range .root.Values.secretConfig -}}
{{- if include "wheelhouse.isToldOf" (dict "setting" .setting "and" $.and) -}}
{{- $_ := set $settings (printf "%s_FILE" .setting) (printf "/run/secrets/wheelhouse/%s" (.setting | lower)) -}}
{{- end -}}
{{- end -}}
{{- range $name, $value := merge .more $settings }}
- { name: {{ $name }}, value: {{ $value | toString | quote }} }
{{- end }}
{{- end -}}

{{/* The files of those that are secret; nothing where none is. */}}
{{- define "wheelhouse.toldSecrets" -}}
{{- $sources := list -}}
{{- range .root.Values.secretConfig -}}
{{- if include "wheelhouse.isToldOf" (dict "setting" .setting "and" $.and) -}}
{{- $item := dict "key" .key "path" (.setting | lower) -}}
{{- $sources = append $sources (dict "secret" (dict "name" .secret "items" (list $item))) -}}
{{- end -}}
{{- end -}}
{{- if $sources -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources: {{- toYaml $sources | nindent 6 }}
{{- end -}}
{{- end -}}

{{/* The secrets' files, in one folder. The group may read them; whoever else may not. */}}
{{- define "wheelhouse.secrets" -}}
{{- $values := .root.Values -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      - secret: { name: {{ required "database.secret: name the secret with the database's URL" $values.database.secret }}, items: [{ key: {{ $values.database.key }}, path: database_url }] }
      - secret: { name: {{ required "redis.secret: name the secret with Redis' URL" $values.redis.secret }}, items: [{ key: {{ $values.redis.key }}, path: redis_url }{{ with $values.redis.caKey }}, { key: {{ . }}, path: redis_ca.pem }{{ end }}] }
      {{- with $values.database.replicaSecret }}
      - secret: { name: {{ . }}, items: [{ key: {{ $values.database.replicaKey }}, path: replica_url }] }
      {{- end }}
      - secret: { name: {{ required "vault.secret: name the secret with the vault's keys" $values.vault.secret }}, items: [{ key: {{ $values.vault.key }}, path: vault.key }] }
      {{- range $values.secretConfig }}
      - secret: { name: {{ .secret }}, items: [{ key: {{ .key }}, path: {{ .setting | lower }} }] }
      {{- end }}
{{- end -}}

{{/* What a pod of the API or a worker mounts. */}}
{{- define "wheelhouse.volumes" -}}
- { name: tmp, emptyDir: {} }
- name: data
  persistentVolumeClaim: { claimName: {{ .root.Values.persistence.existingClaim | default (include "wheelhouse.name" (dict "root" .root "component" "data")) }} }
{{ include "wheelhouse.secrets" . }}
{{- end -}}

{{- define "wheelhouse.mounts" -}}
- { name: tmp, mountPath: /tmp }
- { name: data, mountPath: /var/lib/wheelhouse }
- { name: secrets, mountPath: /run/secrets/wheelhouse, readOnly: true }
{{- end -}}

{{/* How many, unless something else decides that. */}}
{{- define "wheelhouse.replicas" -}}
{{- if not .autoscaling.enabled }}
replicas: {{ .replicas }}
{{- end }}
{{- end -}}
