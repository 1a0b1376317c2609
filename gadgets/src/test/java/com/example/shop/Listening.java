package com.example.shop;

import java.rmi.RemoteException;
import java.rmi.server.UnicastRemoteObject;

/** The application's own remote object. */
@SuppressWarnings("serial")
public final class Listening extends UnicastRemoteObject {
    /**
     * Listens.
     *
     * @throws RemoteException if the port is taken
     */
    public Listening(int port) throws RemoteException {
        super(port);
    }
}
