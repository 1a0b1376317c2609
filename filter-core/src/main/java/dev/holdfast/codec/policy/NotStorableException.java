package dev.holdfast.codec.policy;

import dev.holdfast.session.SerializedAsJdk;

/** A value that can be stored neither way. Names the class and gathers the path to it while the stack unwinds. */
public final class NotStorableException extends RuntimeException implements SerializedAsJdk {
    private static final long serialVersionUID = 1L;

    /** How a remedy begins that is to be pasted, see {@link ClassPolicy#remedy}. */
    private static final String ADD = " Add it: ";

    private final String className;
    private final String why;
    private final StringBuilder path = new StringBuilder();

    /**
     * @param why the rest of the sentence "holds class X, which …", with its full stop and the remedy
     */
    NotStorableException(String className, String why) {
        super(className, null, false, false);
        this.className = className;
        this.why = why;
    }

    public NotStorableException in(String step) {
        if (path.length() > 0 && path.charAt(0) != '[') {
            path.insert(0, '.');
        }
        path.insert(0, step);
        return this;
    }

    public boolean hasPath() {
        return path.length() > 0;
    }

    public String className() {
        return className;
    }

    public String describe(String attribute) {
        return "Attribute \"" + attribute + "\" holds " + className + (path.length() == 0 ? "" : " in " + path)
                + ", which " + why;
    }

    /** The same of another object, whose place is not known yet. */
    NotStorableException another() {
        return new NotStorableException(className, why);
    }

    /** Whether nothing but a permission is missing: {@code holdfast.classes.allow} helps. */
    boolean lacksPermission() {
        return why.contains(ADD);
    }

    /** The way from the attribute to the object, what that is, and why it cannot be stored: without what to allow. */
    String chain(String attribute) {
        String steps = path.length() == 0 || path.charAt(0) == '[' ? path.toString() : "." + path;
        String reason = lacksPermission() ? why.substring(0, why.indexOf(ADD)) : why;
        return attribute + steps + " → " + className + ", which " + reason;
    }

    static NotStorableException policy(ClassPolicy policy, String className) {
        return new NotStorableException(className, "the class policy does not allow. " + policy.remedy(className));
    }

    /** @param forbidden its super class */
    static NotStorableException superClass(ClassPolicy policy, String className, String forbidden) {
        return new NotStorableException(
                className,
                "extends " + forbidden + ", which the class policy does not allow. " + policy.remedy(forbidden));
    }

    static NotStorableException noLambdas(ClassPolicy policy, String className) {
        return new NotStorableException(
                className,
                "is a lambda or a method reference, which the class policy does not allow. "
                        + policy.remedy(StorableClasses.LAMBDA_FORM));
    }

    static NotStorableException tooManyDimensions(String className, int most) {
        return new NotStorableException(
                className, "is an array of more than " + most + " dimensions. Store it as one of fewer.");
    }

    static NotStorableException tooManyInterfaces(String className, int most) {
        return new NotStorableException(
                className, "is a proxy of more than " + most + " interfaces. Store the data that it uses instead.");
    }

    /** @param maker the class around the lambda */
    static NotStorableException lambda(ClassPolicy policy, String className, String maker) {
        return new NotStorableException(
                className,
                "is a lambda of " + maker + ", which the class policy does not allow. " + policy.remedy(maker));
    }

    static NotStorableException notSerializable(String className) {
        return new NotStorableException(
                className,
                "is neither java.io.Serializable nor a record. Implement java.io.Serializable or keep it out of the"
                        + " session.");
    }

    static NotStorableException notSerializableLambda(String className) {
        return new NotStorableException(
                className,
                "is a lambda or a method reference and not java.io.Serializable. Use an interface that extends"
                        + " java.io.Serializable, or cast it: (Comparator<Item> & Serializable) (a, b) -> ….");
    }

    /** For a part of an attribute that Kryo could not take. */
    public static NotStorableException notSerializableByJdk(String className) {
        if (className.contains(StorableClasses.LAMBDA)) {
            return notSerializableLambda(className);
        }
        return new NotStorableException(
                className,
                "is not java.io.Serializable. Other parts of this attribute need JDK serialization, which takes no"
                        + " record without it either. Implement java.io.Serializable.");
    }

    public static NotStorableException generated(String className) {
        return new NotStorableException(
                className,
                "is a hidden class, or an array of such or of proxies, and exists on this node only. Store the data"
                        + " that it uses instead.");
    }

    static NotStorableException otherLoader(String className) {
        return new NotStorableException(
                className,
                "was not loaded by way of the application's class loader, so that no other node could load it. Move"
                        + " the class into WEB-INF.");
    }

    /** For an array in the views of Faces. */
    public static NotStorableException bytesOfViews(String className) {
        return new NotStorableException(
                className,
                "is an array of bytes, which Faces would deserialize outside the class policy. Take"
                        + " jakarta.faces.SERIALIZE_SERVER_STATE out of web.xml (in older versions"
                        + " com.sun.faces.serializeServerState, org.apache.myfaces.SERIALIZE_STATE_IN_SESSION), and"
                        + " keep long arrays of bytes and numbers of more than 26 digits out of what components hold.");
    }

    /** For the key that Mojarra makes for the state in a page. */
    public static NotStorableException trustedKey(String className) {
        return new NotStorableException(
                className,
                "is the key by which Faces trusts the state that a page brings back. Give all nodes the same one,"
                        + " java:comp/env/faces/ClientSideSecretKey (Mojarra 3: java:comp/env/jsf/ClientSideSecretKey),"
                        + " and name this attribute in holdfast.attributes.local.");
    }

    public static NotStorableException evaluated(String className) {
        return new NotStorableException(
                className,
                "has the expressions that PrimeFaces evaluates for the images and files of a page. The page makes it"
                        + " again when it is shown the next time: name this attribute in holdfast.attributes.local.");
    }

    public static NotStorableException cycle(String className) {
        return new NotStorableException(
                className,
                "is immutable and contains itself: it could not be built again. Break the cycle with a mutable class.");
    }

    private Object writeReplace() {
        return SerializedAsJdk.form(this);
    }
}
