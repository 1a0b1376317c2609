package dev.holdfast.codec.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What frameworks are known to keep in a session, class by class: allowed with {@code holdfast.classes=app} where the
 * application has the framework. Each list is held true by a test with the framework itself.
 */
enum Presets {
    SPRING_MVC("org.springframework.web.servlet.DispatcherServlet", """
      org.springframework.web.servlet.FlashMap,
      org.springframework.util.LinkedMultiValueMap,
      org.springframework.web.util.HttpSessionMutexListener$Mutex,
      org.springframework.validation.BeanPropertyBindingResult,
      org.springframework.validation.MapBindingResult,
      org.springframework.validation.FieldError,
      org.springframework.validation.ObjectError,
      org.springframework.context.support.DefaultMessageSourceResolvable,
      org.springframework.validation.DefaultMessageCodesResolver,
      org.springframework.validation.DefaultMessageCodesResolver$Format,
      org.springframework.validation.beanvalidation.SpringValidatorAdapter$ResolvableAttribute,
      org.springframework.validation.beanvalidation.SpringValidatorAdapter$ViolationFieldError,
      org.springframework.validation.beanvalidation.SpringValidatorAdapter$ViolationObjectError,
      jakarta.validation.constraints.Pattern$Flag
      """),

    SPRING_SECURITY("org.springframework.security.core.context.SecurityContextImpl", """
      org.springframework.security.core.context.SecurityContextImpl,
      org.springframework.security.core.authority.SimpleGrantedAuthority,
      org.springframework.security.core.userdetails.User,
      org.springframework.security.core.userdetails.User$AuthorityComparator,
      org.springframework.security.authentication.UsernamePasswordAuthenticationToken,
      org.springframework.security.authentication.RememberMeAuthenticationToken,
      org.springframework.security.authentication.AnonymousAuthenticationToken,
      org.springframework.security.authentication.ott.OneTimeTokenAuthenticationToken,
      org.springframework.security.authentication.AuthenticationServiceException,
      org.springframework.security.authentication.AccountExpiredException,
      org.springframework.security.authentication.BadCredentialsException,
      org.springframework.security.authentication.CredentialsExpiredException,
      org.springframework.security.authentication.DisabledException,
      org.springframework.security.authentication.InsufficientAuthenticationException,
      org.springframework.security.authentication.InternalAuthenticationServiceException,
      org.springframework.security.authentication.LockedException,
      org.springframework.security.authentication.ProviderNotFoundException,
      org.springframework.security.core.userdetails.UsernameNotFoundException,
      org.springframework.security.web.authentication.session.SessionAuthenticationException,
      org.springframework.security.web.authentication.WebAuthenticationDetails,
      org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken,
      org.springframework.security.web.authentication.preauth.\
      PreAuthenticatedGrantedAuthoritiesWebAuthenticationDetails,
      org.springframework.security.web.authentication.switchuser.SwitchUserGrantedAuthority,
      org.springframework.security.web.csrf.DefaultCsrfToken,
      org.springframework.security.web.savedrequest.DefaultSavedRequest,
      org.springframework.security.web.savedrequest.SavedCookie,
      org.springframework.security.web.savedrequest.SimpleSavedRequest
      """),

    /** How, and when, somebody has logged in: since version 7 with every login. */
    SPRING_SECURITY_7("org.springframework.security.core.authority.FactorGrantedAuthority", """
      org.springframework.security.core.authority.FactorGrantedAuthority
      """),

    SPRING_OAUTH2_CLIENT("org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken", """
      org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken,
      org.springframework.security.oauth2.client.OAuth2AuthorizedClient,
      org.springframework.security.oauth2.client.registration.ClientRegistration,
      org.springframework.security.oauth2.client.registration.ClientRegistration$ClientSettings,
      org.springframework.security.oauth2.client.registration.ClientRegistration$ProviderDetails,
      org.springframework.security.oauth2.client.registration.ClientRegistration$ProviderDetails$UserInfoEndpoint,
      org.springframework.security.oauth2.core.AuthenticationMethod,
      org.springframework.security.oauth2.core.AuthorizationGrantType,
      org.springframework.security.oauth2.core.ClientAuthenticationMethod,
      org.springframework.security.oauth2.core.OAuth2AccessToken,
      org.springframework.security.oauth2.core.OAuth2AccessToken$TokenType,
      org.springframework.security.oauth2.core.OAuth2AuthenticationException,
      org.springframework.security.oauth2.core.OAuth2Error,
      org.springframework.security.oauth2.core.OAuth2RefreshToken,
      org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest,
      org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationResponseType,
      org.springframework.security.oauth2.core.oidc.OidcIdToken,
      org.springframework.security.oauth2.core.oidc.OidcUserInfo,
      org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser,
      org.springframework.security.oauth2.core.oidc.user.OidcUserAuthority,
      org.springframework.security.oauth2.core.user.DefaultOAuth2User,
      org.springframework.security.oauth2.core.user.OAuth2UserAuthority
      """),

    /**
     * No pages: Wicket makes them of bytes by itself, past this policy. Nor what names the pages that a node has on its
     * disk, whose end deletes the files that it names.
     */
    WICKET("org.apache.wicket.protocol.http.WicketFilter", """
      org.apache.wicket.protocol.http.WebSession,
      org.apache.wicket.Session$PageAccessSynchronizerProvider,
      org.apache.wicket.session.HttpSessionStore$SessionBindingListener,
      org.apache.wicket.MetaDataEntry,
      org.apache.wicket.feedback.FeedbackMessage,
      org.apache.wicket.feedback.FeedbackMessages,
      org.apache.wicket.protocol.http.ClientProperties,
      org.apache.wicket.protocol.http.request.WebClientInfo,
      org.apache.wicket.protocol.http.servlet.UploadInfo,
      org.apache.wicket.RestartResponseAtInterceptPageException$InterceptData,
      org.apache.wicket.RestartResponseAtInterceptPageException$InterceptData$1,
      org.apache.wicket.request.Url,
      org.apache.wicket.request.Url$QueryParameter,
      org.apache.wicket.util.string.StringValue,
      org.apache.wicket.core.util.crypt.AbstractKeyInSessionCryptFactory$1,
      org.apache.wicket.core.util.crypt.KeyInSessionSunJceCryptFactory$CryptData,
      org.apache.wicket.pageStore.CryptingPageStore$1,
      org.apache.wicket.pageStore.CryptingPageStore$SessionData,
      org.apache.wicket.pageStore.GroupingPageStore$1,
      org.apache.wicket.pageStore.GroupingPageStore$SessionData,
      org.apache.wicket.pageStore.InSessionPageStore$CountLimitedData,
      org.apache.wicket.DefaultPageManagerProvider$InSessionCache$1
      """),

    SHIRO("org.apache.shiro.web.mgt.DefaultWebSecurityManager", """
      org.apache.shiro.subject.SimplePrincipalCollection,
      org.apache.shiro.web.util.SavedRequest
      """),

    /** Without what profiles of OpenID Connect, OAuth, SAML and CAS are of. */
    PAC4J("org.pac4j.core.profile.CommonProfile", """
      org.pac4j.core.profile.CommonProfile,
      org.pac4j.core.profile.Gender,
      org.pac4j.core.exception.http.OkAction,
      org.pac4j.http.profile.RestProfile,
      org.pac4j.ldap.profile.LdapProfile,
      org.pac4j.sql.profile.DbProfile
      """),

    /** What holds an action or an expression stays in the memory of its node: those fields are transient. */
    STRUTS("org.apache.struts2.dispatcher.filter.StrutsPrepareAndExecuteFilter", """
      org.apache.struts2.interceptor.ScopeInterceptor$NULLClass,
      org.apache.struts2.interceptor.exec.StrutsBackgroundProcess,
      org.apache.struts2.util.InvocationSessionStore$InvocationContext
      """),

    /** Without the form of a proxy that was not initialised: reading one makes an object of whatever class it names. */
    HIBERNATE("org.hibernate.collection.spi.PersistentBag", """
      org.hibernate.collection.spi.PersistentBag,
      org.hibernate.collection.spi.PersistentIdentifierBag,
      org.hibernate.collection.spi.PersistentList,
      org.hibernate.collection.spi.PersistentMap,
      org.hibernate.collection.spi.PersistentSet,
      org.hibernate.collection.spi.PersistentSortedMap,
      org.hibernate.collection.spi.PersistentSortedSet
      """),

    /**
     * Without tables that change: what makes their next row is one of their fields. And without HashBiMap, which keys
     * of one hash make slow.
     */
    GUAVA("com.google.common.collect.ImmutableList", """
      com.google.common.base.Absent,
      com.google.common.base.Present,
      com.google.common.collect.ArrayListMultimap,
      com.google.common.collect.Cut$AboveAll,
      com.google.common.collect.Cut$AboveValue,
      com.google.common.collect.Cut$BelowAll,
      com.google.common.collect.Cut$BelowValue,
      com.google.common.collect.EvictingQueue,
      com.google.common.collect.HashMultimap,
      com.google.common.collect.HashMultiset,
      com.google.common.collect.ImmutableAsList$SerializedForm,
      com.google.common.collect.ImmutableBiMap$SerializedForm,
      com.google.common.collect.ImmutableEnumMap$EnumSerializedForm,
      com.google.common.collect.ImmutableEnumSet$EnumSerializedForm,
      com.google.common.collect.ImmutableList$SerializedForm,
      com.google.common.collect.ImmutableListMultimap,
      com.google.common.collect.ImmutableMap$SerializedForm,
      com.google.common.collect.ImmutableMultiset$SerializedForm,
      com.google.common.collect.ImmutableRangeMap$SerializedForm,
      com.google.common.collect.ImmutableRangeSet$SerializedForm,
      com.google.common.collect.ImmutableSet$SerializedForm,
      com.google.common.collect.ImmutableSetMultimap,
      com.google.common.collect.ImmutableSortedMap$SerializedForm,
      com.google.common.collect.ImmutableSortedMultiset$SerializedForm,
      com.google.common.collect.ImmutableSortedSet$SerializedForm,
      com.google.common.collect.ImmutableTable$SerializedForm,
      com.google.common.collect.LinkedHashMultimap,
      com.google.common.collect.LinkedHashMultiset,
      com.google.common.collect.LinkedListMultimap,
      com.google.common.collect.NaturalOrdering,
      com.google.common.collect.Range,
      com.google.common.collect.Range$RangeLexOrdering,
      com.google.common.collect.ReverseNaturalOrdering,
      com.google.common.collect.TreeMultimap,
      com.google.common.collect.TreeMultiset
      """),

    /**
     * A lazy value is stored as what it has come to be. Without what {@code buildList} and its like make: reading one
     * allocates as much as four bytes say, before there is an element.
     */
    KOTLIN("kotlin.Pair", """
      kotlin.InitializedLazyImpl,
      kotlin.Pair,
      kotlin.Triple,
      kotlin.collections.EmptyList,
      kotlin.collections.EmptyMap,
      kotlin.collections.EmptySet,
      kotlin.text.Regex$Serialized,
      kotlin.time.InstantSerialized,
      kotlin.uuid.UuidSerialized
      """),

    /** Without collections and singletons, None among them: reading one initialises whatever singleton it names. */
    SCALA("scala.Tuple2", """
      scala.Some,
      scala.Tuple2,
      scala.Tuple2$mcDD$sp,
      scala.Tuple2$mcDI$sp,
      scala.Tuple2$mcDJ$sp,
      scala.Tuple2$mcID$sp,
      scala.Tuple2$mcII$sp,
      scala.Tuple2$mcIJ$sp,
      scala.Tuple2$mcJD$sp,
      scala.Tuple2$mcJI$sp,
      scala.Tuple2$mcJJ$sp,
      scala.Tuple3,
      scala.Tuple4,
      scala.Tuple5,
      scala.concurrent.duration.FiniteDuration,
      scala.math.BigInt,
      scala.util.Left,
      scala.util.Right
      """),

    /** A lock, and a map of limited size. Neither views nor beans: docs/frameworks.md says what those open. */
    MOJARRA("com.sun.faces.util.LRUMap", """
      com.sun.faces.context.SessionMap$Mutex,
      com.sun.faces.util.LRUMap
      """),

    /** Locks, which stay on their node. No beans: their proxies lead to any bean of the application. */
    WELD("org.jboss.weld.contexts.beanstore.LockStore", """
      org.jboss.weld.contexts.beanstore.LockStore
      """),

    /** Without tables, whose filters and columns have expressions, and without exceptions, which have HTML. */
    PRIMEFACES("org.primefaces.PrimeFaces", """
      org.primefaces.PrimeFaces$MVSKey,
      org.primefaces.component.accordionpanel.AccordionState,
      org.primefaces.component.datagrid.DataGridState,
      org.primefaces.component.datalist.DataListState,
      org.primefaces.component.dataview.DataViewState,
      org.primefaces.component.lifecycle.PhaseInfo,
      org.primefaces.component.panel.PanelState,
      org.primefaces.component.tabview.TabViewState
      """);

    private final String marker;
    private final String classes;

    Presets(String marker, String classes) {
        this.marker = marker;
        this.classes = classes;
    }

    /**
     * The lists of the frameworks that an application has.
     *
     * @param present whether the application can load the class of this binary name; must not load it
     */
    static ClassPatterns of(Predicate<String> present) {
        List<String> all = new ArrayList<>();
        for (Presets preset : values()) {
            if (present.test(preset.marker)) {
                all.addAll(ClassPatterns.parse(preset.classes).list());
            }
        }
        return ClassPatterns.of(all);
    }
}
